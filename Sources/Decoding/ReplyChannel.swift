import Core
import Glibc

/// The way back to the server: the process's first standard output, out of reach of libraries that print.
struct ReplyChannel {
    private let descriptor: Int32

    /// Moves standard output to a private descriptor and lets 1 mean 2 from now on.
    /// - Throws: `ChildError` when there is no standard output.
    static func claimStandardOutput() throws -> ReplyChannel {
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else { throw ChildError("no standard output") }
        return ReplyChannel(descriptor: descriptor)
    }

    /// Writes one framed reply.
    /// - Throws: `ChildError` when nobody reads any more.
    func send(_ reply: DecodeReply) throws {
        var rest = try MessageFraming.frame(reply)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw ChildError("nobody reads the replies") }
            rest = rest.dropFirst(count)
        }
    }
}

/// Why a decoder child gives up: its surroundings, never a file.
struct ChildError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Reports on standard error, which the server logs.
    static func report(_ text: String) {
        let line = Array("lumiere-decode: \(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
