import Foundation
import Glibc
import Synchronization
import TestSupport

/// Asks a server all the time whether it is alive, and notes how long each answer took.
///
/// On a thread and a connection of its own: what else the tests do is not to be measured with it.
final class Pulse: Sendable {
    /// What was heard.
    struct Record: Sendable {
        /// How long each answer took, in the order of asking.
        var times: [Duration] = []
        /// What came instead of an answer.
        var faults: [String] = []

        var worst: Duration { times.max() ?? .zero }
        /// The time within which all but one of a hundred answers came.
        var nearlyWorst: Duration { times.isEmpty ? .zero : times.sorted()[(times.count - 1) * 99 / 100] }
    }

    private let record = Mutex(Record())
    private let isOver = Atomic(false)
    private let end = Inbox<Void>(limit: 1)

    /// - Parameter port: of a server of this machine.
    init(port: Int) {
        let thread = Thread { [self] in
            while !isOver.load(ordering: .relaxed) { converse(port) }
            end.push(())
        }
        thread.start()
    }

    /// Ends the asking.
    func stop() async throws -> Record {
        isOver.store(true, ordering: .relaxed)
        try await end.wait(for: "the last answer", within: .seconds(30)) { elements, _ in elements.first }
        return record.withLock { $0 }
    }

    // MARK: One connection; everything here blocks

    /// Asks until the connection breaks, which is a fault, or nobody wants to know any more.
    private func converse(_ port: Int) {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return note("no connection: \(errno)") }
        while !isOver.load(ordering: .relaxed) {
            let start = ContinuousClock.now
            if let fault = ask(connection) { return note(fault) }
            let time = start.duration(to: .now)
            record.withLock { $0.times.append(time) }
            usleep(10_000)
        }
    }

    /// - Returns: what is wrong with the answer.
    private func ask(_ connection: Int32) -> String? {
        let request = Array("GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        guard Glibc.send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return "the connection was closed"
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !Self.isWhole(answer) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return count == 0 ? "the connection was closed" : "no answer: \(errno)" }
            answer += buffer[..<count]
        }
        let head = String(decoding: answer.prefix(64), as: UTF8.self)
        return head.hasPrefix("HTTP/1.1 200") ? nil : head
    }

    private static func isWhole(_ answer: [UInt8]) -> Bool {
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.components(separatedBy: "content-length: ").dropFirst().first?.prefix(while: \.isNumber)
        return answer.count - end.upperBound >= length.flatMap { Int($0) } ?? 0
    }

    /// A server that is gone is asked again, but not in a rush.
    private func note(_ fault: String) {
        record.withLock { if $0.faults.count < 100 { $0.faults.append(fault) } }
        usleep(100_000)
    }
}
