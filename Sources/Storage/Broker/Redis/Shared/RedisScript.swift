import NIOConcurrencyHelpers
import NIOCore

/// A script that the server keeps under the digest of its source.
final class RedisScript: Sendable {
    private let source: String
    private let digest = NIOLockedValueBox<String?>(nil)

    init(_ source: String) { self.source = source }

    /// Gives the script to the server of a new connection.
    /// - Throws: `RedisError`.
    func load(on connection: RedisConnection) async throws {
        guard let digest = try await connection.ask("SCRIPT", "LOAD", source).text else { throw RedisError.unexpectedReply }
        self.digest.withLockedValue { $0 = digest }
    }

    /// Runs it without waiting; fails with `NOSCRIPT` when the server has forgotten it, which is given to it anew then: what
    /// is sent from here on finds it. It is not run again by itself, for that might overtake later commands.
    /// - Returns: `nil` while there is no connection.
    func send(_ link: RedisLink, keys: [String], _ arguments: [String]) -> EventLoopFuture<RedisReply>? {
        let head = ["EVALSHA", digest.withLockedValue { $0 } ?? "", String(keys.count)]
        let command = RedisCommand((head + keys + arguments).map(RedisCommand.Argument.text))
        return link.send(command)?.flatMapErrorThrowing { [source] error in
            if error.isForgotten { _ = link.send(RedisCommand("SCRIPT", "LOAD", source)) }
            throw error
        }
    }

    /// Runs it, once more when the server had forgotten it.
    /// - Throws: `RedisError`.
    func run(_ link: RedisLink, keys: [String], _ arguments: [String]) async throws -> RedisReply {
        guard let reply = send(link, keys: keys, arguments) else { throw RedisError.away }
        do { return try await reply.get() } catch where error.isForgotten {
            guard let again = send(link, keys: keys, arguments) else { throw RedisError.away }
            return try await again.get()
        }
    }
}

extension Error {
    fileprivate var isForgotten: Bool { self as? RedisError == .refused(code: "NOSCRIPT") }
}
