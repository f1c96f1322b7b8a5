import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Keeps one connection to Redis standing: connects, looks after it, and connects again.
final class RedisLink: Sendable {
    /// What happens on a new connection before anybody may use it.
    typealias Prepare = @Sendable (RedisConnection) async throws -> Void

    private enum State {
        case away(reason: String)
        case standing(RedisConnection)
    }

    private let name: String
    private let connector: RedisConnector
    private let beat: Duration
    private let subscription: (@Sendable () -> SubscriptionHandler)?
    private let prepare: Prepare
    private let logger: Logger
    private let state = NIOLockedValueBox(State.away(reason: "not yet connected"))

    /// - Parameters:
    ///   - name: what the connection is for, in logs.
    ///   - subscription: makes it a link that listens.
    init(
        _ name: String, _ connector: RedisConnector, beat: Duration,
        subscription: (@Sendable () -> SubscriptionHandler)? = nil, logger: Logger, prepare: @escaping Prepare
    ) {
        self.name = name
        self.connector = connector
        self.beat = beat
        self.subscription = subscription
        self.prepare = prepare
        self.logger = logger
    }

    /// The connection; `nil` while there is none.
    var connection: RedisConnection? {
        if case .standing(let connection) = state.withLockedValue({ $0 }) { connection } else { nil }
    }

    /// Why there is no connection; `nil` while there is one.
    var trouble: String? {
        if case .away(let reason) = state.withLockedValue({ $0 }) { reason } else { nil }
    }

    /// Sends a command on whatever connection there is.
    /// - Returns: the reply, or `RedisError`; `nil` while there is no connection.
    func send(_ command: RedisCommand, isUrgent: Bool = true) -> EventLoopFuture<RedisReply>? {
        connection?.send(command, isUrgent: isUrgent)
    }

    /// The same, awaited.
    /// - Throws: `RedisError`.
    func ask(_ command: RedisCommand) async throws -> RedisReply {
        guard let reply = send(command) else { throw RedisError.away }
        return try await reply.get()
    }

    /// Runs until the task is cancelled.
    /// - Parameter whenStanding: called at each new connection, which may be used by then.
    func run(whenStanding: @Sendable () -> Void = {}) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                try await stand(try await connector.connect(subscription), whenStanding)
            } catch {
                away(error)
            }
            // A connection that ends as soon as it stands is no better than none.
            if .now - began > Backoff.longest { backoff.reset() }
            // Only cancellation ends a sleep early, and the loop's condition sees that.
            try? await Task.sleep(for: backoff.next(.random(in: 0..<1)))
        }
    }

    /// Returns or throws when the connection is over.
    private func stand(_ connection: RedisConnection, _ whenStanding: () -> Void) async throws {
        defer { connection.close() }
        try await prepare(connection)
        if subscription != nil { connection.listen() }
        state.withLockedValue { $0 = .standing(connection) }
        whenStanding()
        logger.info("connected to Redis", metadata: ["for": "\(name)"])
        await withDiscardingTaskGroup { group in
            group.addTask { await self.lookAfter(connection) }
            await connection.closed()
            group.cancelAll()
        }
        throw RedisError.disconnected
    }

    /// Ends a connection whose server is silent, or no longer the master. (One that listens sees to silence itself.)
    private func lookAfter(_ connection: RedisConnection) async {
        while (try? await Task.sleep(for: beat)) != nil {
            do {
                if subscription == nil { _ = try await connection.ask("PING") }
            } catch RedisError.busy {
                // Too much is under way for one more; the oldest of it has a deadline of its own.
            } catch {
                return connection.close()
            }
            // Sentinels that cannot be asked say nothing about the master.
            if connector.usesSentinels, let master = try? await connector.master(), master != connection.host {
                return connection.close()
            }
        }
    }

    private func away(_ error: any Error) {
        let reason = (error as? RedisError)?.description ?? "Redis cannot be reached (\(type(of: error)))"
        let isNews = state.withLockedValue { state in
            defer { state = .away(reason: reason) }
            return if case .away(reason) = state { false } else { true }
        }
        guard isNews, !Task.isCancelled else { return }
        logger.warning("no connection to Redis", metadata: ["for": "\(name)", "reason": "\(reason)"])
    }
}
