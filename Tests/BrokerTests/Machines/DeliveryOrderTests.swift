import Core
import Testing

@testable import Broker

@Suite struct `Delivery order` {
    @Test("lets a batch that follows through, and nothing twice")
    func follows() {
        var order = Self.order(at: 4)
        #expect(order.received(batch(4, 6)).map(\.offset) == [5, 6])
        #expect(order.received(batch(4, 6)) == [])
        #expect(order.received(batch(3, 7)).map(\.offset) == [7])
        #expect(order.delivered.sequence == 7 && !order.isBehind)
    }

    @Test("puts a batch aside that leaves something out, until the database has been read")
    func gap() {
        var order = Self.order(at: 4)
        #expect(order.received(batch(5, 6)) == [])
        #expect(order.isBehind)
        let horizon = order.horizon
        let (due, isLoss) = order.read(batch(4, 6), first: 5)
        #expect(due.map(\.offset) == [5, 6] && !isLoss)
        order.caughtUp(horizon)
        #expect(!order.isBehind)
    }

    @Test("what was heard of during a look counts after it; what the database did not have does not")
    func horizon() {
        var order = Self.order(at: 4)
        order.heard(through: Self.position(9))
        let horizon = order.horizon
        order.heard(through: Self.position(12))
        order.caughtUp(horizon)
        #expect(order.isBehind)
        order.caughtUp(order.horizon)
        #expect(!order.isBehind && order.delivered.sequence == 4)
    }

    @Test("a hole in the database is a loss, unless a message filled it meanwhile")
    func loss() {
        var order = Self.order(at: 4)
        let pruned = EventBatch(generation: 0, after: 4, through: 9, events: batch(7, 9).events)
        #expect(order.read(pruned, first: 8).isLoss)
        #expect(order.delivered.sequence == 9)
        order = Self.order(at: 4)
        _ = order.received(batch(4, 7))
        let (due, isLoss) = order.read(pruned, first: 8)
        #expect(due.map(\.offset) == [8, 9] && !isLoss)
    }

    @Test("messages lost, doubled and out of order: every event once, in order", arguments: 0..<50)
    func chaos(_ seed: UInt64) {
        var random = Dice(state: seed)
        var order = Self.order(at: 0)
        var delivered: [Int64] = []
        var committed: Int64 = 0
        var messages: [EventBatch] = []
        for _ in 0..<300 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let next = committed + .random(in: 1...4, using: &random)
                messages.append(batch(committed, next))
                committed = next
            case 1, 2:
                guard let message = messages.randomElement(using: &random) else { continue }
                if Bool.random(using: &random) { messages.removeFirst() }
                delivered += order.received(message).map(\.offset)
            default:
                guard order.isBehind, committed > order.delivered.sequence else { continue }
                let horizon = order.horizon
                delivered += order.read(rest(of: order, to: committed), first: order.delivered.sequence + 1).due.map(\.offset)
                order.caughtUp(horizon)
            }
        }
        delivered += order.read(rest(of: order, to: committed), first: order.delivered.sequence + 1).due.map(\.offset)
        #expect(delivered == Array(1...committed))
    }

    @Test("a later history is looked up in the database; what an earlier one still says is over")
    func generations() {
        var order = Self.order(at: 9)
        #expect(order.received(batch(5, 6, generation: 1)) == [])
        #expect(order.isBehind)
        let mark = OutboxMark(position: Self.position(5, generation: 1))
        let (isNews, isNewsAgain) = (order.restarted(at: mark), order.restarted(at: mark))
        #expect(isNews && !isNewsAgain && order.isBehind)
        #expect(order.received(batch(9, 12)) == [])
        #expect(order.read(batch(9, 12), first: 10).due == [])
        #expect(order.received(batch(5, 6, generation: 1)).map(\.offset) == [6])
        order.heard(through: Self.position(20))
        #expect(!order.isBehind && order.delivered == Self.position(6, generation: 1))
    }

    @Test("a batch of another past is put aside until the database has said which is true, whatever its numbers", arguments: [
        // (after, through): covers our mark, ends at it, follows it.
        (3, 8), (3, 6), (6, 8),
    ] as [(Int64, Int64)])
    func otherPast(_ after: Int64, _ through: Int64) {
        var order = Self.order(at: 4)
        #expect(order.received(batch(4, 6)).map(\.offset) == [5, 6])
        #expect(order.received(batch(after, through, past: 1)) == [])
        #expect(order.isBehind && order.delivered.sequence == 6)
        // What the database has is compared with the mark: here it agrees with us.
        order.caughtUp(order.horizon)
        #expect(!order.isBehind)
        #expect(order.received(batch(6, 8)).map(\.offset) == [7, 8])
        // Doubted while a look was under way: that look says nothing of it.
        let horizon = order.horizon
        #expect(order.received(batch(after, 9, past: 1)) == [])
        order.caughtUp(horizon)
        #expect(order.isBehind)
    }

    @Test("what was read before a message took us further is compared with that message, unless it is pruned")
    func overtakenRead() {
        var order = Self.order(at: 4)
        _ = order.received(batch(4, 6))
        let (due, isLoss) = order.read(batch(4, 8, past: 1), first: 5)
        #expect(due == [] && !isLoss && order.isBehind)
        order = Self.order(at: 4)
        _ = order.received(batch(4, 6))
        #expect(order.read(batch(4, 8), first: 5).due.map(\.offset) == [7, 8])
    }

    private static func position(_ sequence: Int64, generation: Int64 = 0) -> OutboxPosition {
        OutboxPosition(generation: generation, sequence: sequence)
    }

    private static func order(at sequence: Int64) -> DeliveryOrder {
        DeliveryOrder(from: OutboxMark(position: position(sequence)))
    }

    private func rest(of order: DeliveryOrder, to committed: Int64) -> EventBatch {
        batch(order.delivered.sequence, committed)
    }

    /// - Parameter past: which one the events are of.
    private func batch(_ after: Int64, _ through: Int64, generation: Int64 = 0, past: Int64 = 0) -> EventBatch {
        let events = after < through ? (after + 1...through).map { published($0, past) } : []
        return EventBatch(
            generation: generation, after: after, predecessor: after > 0 ? EventDigest(published(after, past)) : nil,
            through: through, events: events)
    }

    private func published(_ offset: Int64, _ past: Int64) -> PublishedEvent {
        PublishedEvent(event: event(Int(offset)), offset: offset, at: Timestamp(milliseconds: 1000 * past + offset))
    }
}

/// A small generator whose numbers are the same in each run.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
