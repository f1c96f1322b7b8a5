import NIOConcurrencyHelpers
import NIOCore

/// A connection that stands. Commands are pipelined: none waits for the reply to the one before.
final class RedisConnection: Sendable {
    let host: RedisURL.Host
    private let channel: any Channel
    private let budget: NIOLockedValueBox<CommandBudget>

    init(_ channel: any Channel, to host: RedisURL.Host, _ budget: CommandBudget) {
        self.channel = channel
        self.host = host
        self.budget = NIOLockedValueBox(budget)
    }

    /// Sends a command; from one thread they leave in order.
    /// - Parameter isUrgent: whether it may use the room that is kept for what cannot be left out.
    /// - Returns: the reply, or `RedisError`: `busy` at once when too much is under way.
    func send(_ command: RedisCommand, isUrgent: Bool = true) -> EventLoopFuture<RedisReply> {
        let size = command.size
        guard budget.withLockedValue({ $0.take(size, isUrgent: isUrgent) }) else {
            return channel.eventLoop.makeFailedFuture(RedisError.busy)
        }
        let promise = channel.eventLoop.makePromise(of: RedisReply.self)
        let request = RedisRequest(command: command, promise: promise)
        // Also when we are on the loop already: otherwise what it sends would overtake what other threads have handed it.
        channel.eventLoop.execute { [channel] in
            // Fails only when it does not get as far as our handler, which answers for everything it takes.
            channel.write(request).whenFailure { _ in promise.fail(RedisError.disconnected) }
        }
        return promise.futureResult.flatMapThrowing { [self] in try check($0) }.always { [budget] _ in
            budget.withLockedValue { $0.giveBack(size) }
        }
    }

    /// The same, awaited.
    /// - Throws: `RedisError`.
    func ask(_ arguments: String...) async throws -> RedisReply {
        try await send(RedisCommand(arguments.map(RedisCommand.Argument.text))).get()
    }

    /// Starts the subscription that the connection was made for.
    func listen() { channel.triggerUserOutboundEvent(SubscriptionHandler.Start(), promise: nil) }

    /// Returns when it has ended, by whoever; a cancelled task ends it.
    func closed() async {
        await withTaskCancellationHandler {
            // A channel's close future does not fail.
            try? await channel.closeFuture.get()
        } onCancel: {
            close()
        }
    }

    func close() { channel.close(promise: nil) }

    private func check(_ reply: RedisReply) throws -> RedisReply {
        guard case .error(let text) = reply else { return reply }
        // The rest of an error may quote arguments.
        let code = String(text.prefix { $0 != " " }.prefix(32))
        // It was the master when we connected; whoever is now will be found by connecting again.
        if code == "READONLY" { close() }
        throw RedisError.refused(code: code)
    }
}
