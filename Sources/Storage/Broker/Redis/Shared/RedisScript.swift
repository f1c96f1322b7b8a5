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

    /// Runs it without waiting; fails with `NOSCRIPT` when the server has forgotten it.
    /// - Returns: `nil` while there is no connection.
    func send(_ link: RedisLink, keys: [String], _ arguments: [String]) -> EventLoopFuture<RedisReply>? {
        link.send(command(keys, arguments) { digest in ["EVALSHA", .text(digest ?? "")] })
    }

    /// Runs it, giving the source along when the server has forgotten it.
    /// - Throws: `RedisError`.
    func run(_ link: RedisLink, keys: [String], _ arguments: [String]) async throws -> RedisReply {
        guard let reply = send(link, keys: keys, arguments) else { throw RedisError.away }
        do {
            return try await reply.get()
        } catch RedisError.refused(code: "NOSCRIPT") {
            return try await link.ask(command(keys, arguments) { [source] _ in ["EVAL", .text(source)] })
        }
    }

    private func command(
        _ keys: [String], _ arguments: [String], _ head: (String?) -> [RedisCommand.Argument]
    ) -> RedisCommand {
        let rest = [String(keys.count)] + keys + arguments
        return RedisCommand(head(digest.withLockedValue { $0 }) + rest.map(RedisCommand.Argument.text))
    }
}
