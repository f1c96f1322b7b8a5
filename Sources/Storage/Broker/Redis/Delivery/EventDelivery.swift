import Core
import Logging
import NIOConcurrencyHelpers

/// A node's end of the line: hands events to the receiver in order, and reads the outbox for what no message brought.
final class EventDelivery: Sendable {
    private struct State {
        var order: DeliveryOrder
        var receiver: (any EventReceiver)?
    }

    private static let batch = 256

    private let database: any Database
    private let clock: any WallClock
    private let logger: Logger
    private let state: NIOLockedValueBox<State>
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter mark: everything after it will be delivered.
    init(_ database: any Database, from mark: OutboxMark, clock: any WallClock = SystemWallClock(), logger: Logger) {
        self.database = database
        self.clock = clock
        self.logger = logger
        self.state = NIOLockedValueBox(State(order: DeliveryOrder(from: mark)))
    }

    var delivered: OutboxPosition { state.withLockedValue { $0.order.delivered } }

    func subscribe(_ receiver: any EventReceiver) { state.withLockedValue { $0.receiver = receiver } }

    func receive(_ event: EphemeralEvent) { state.withLockedValue { $0.receiver }?.receive(event) }

    /// Takes a batch that a relay has published. Receivers do not block, so that they can be called under the lock
    /// which keeps the order.
    func receive(_ batch: EventBatch) {
        let isBehind = state.withLockedValue { state in
            for event in state.order.received(batch) { state.receiver?.receive(event) }
            return state.order.isBehind
        }
        if isBehind { look() }
    }

    func heard(through position: OutboxPosition) {
        let isBehind = state.withLockedValue { state in
            state.order.heard(through: position)
            return state.order.isBehind
        }
        if isBehind { look() }
    }

    /// Has the outbox looked at soon.
    func look() { wakes.continuation.yield() }

    /// Looks into the outbox whenever that is asked for, and after each pause. Runs until the task is cancelled.
    /// - Parameter pause: asked anew each time.
    func run(pause: @escaping @Sendable () -> Duration) async {
        await withDiscardingTaskGroup { group in
            group.addTask { while (try? await Task.sleep(for: pause())) != nil { self.look() } }
            var isWell = true
            for await _ in wakes.stream {
                do {
                    try await catchUp()
                    isWell = true
                } catch {
                    if isWell { logger.error("the outbox cannot be read", metadata: ["error": "\(error)"]) }
                    isWell = false
                }
            }
            group.cancelAll()
        }
    }

    private func catchUp() async throws {
        let limit = Self.batch
        while !Task.isCancelled {
            let (mark, horizon) = state.withLockedValue { ($0.order.mark, $0.order.horizon) }
            let read = try await database.read { try OutboxStore.entries(from: mark, limit: limit, in: $0) }
            guard let entries = read else {
                try await restart(from: mark.position)
                continue
            }
            if let batch = EventBatch(after: mark, entries), let first = entries.first {
                deliver(batch, first.sequence)
            }
            guard entries.count < limit else { continue }
            let isBehind = state.withLockedValue { state in
                state.order.caughtUp(horizon)
                return state.order.isBehind
            }
            guard isBehind else { return }
        }
    }

    /// The database went back in time, or somebody found that before us.
    private func restart(from position: OutboxPosition) async throws {
        let now = clock.now()
        let mark = try await database.write { try OutboxStore.restart(after: position.generation, at: now, in: $0) }
        // The new epoch stands before anybody asks for it who was told to.
        state.withLockedValue { state in if state.order.restarted(at: mark) { state.receiver?.receiveLoss() } }
        logger.error("the database went back in time: followers are told to read the current state", metadata: [
            "delivered": "\(position.sequence)", "latest": "\(mark.position.sequence)",
        ])
    }

    private func deliver(_ batch: EventBatch, _ first: Int64) {
        let isLoss = state.withLockedValue { state in
            let (due, isLoss) = state.order.read(batch, first: first)
            if isLoss { state.receiver?.receiveLoss() }
            for event in due { state.receiver?.receive(event) }
            return isLoss
        }
        if isLoss { logger.error("events were pruned before this node got them") }
    }
}
