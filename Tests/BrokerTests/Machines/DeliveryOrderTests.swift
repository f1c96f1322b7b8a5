import Core
import Testing

@testable import Broker

@Suite struct `Delivery order` {
    @Test("lets a batch that follows through, and nothing twice")
    func follows() {
        var order = DeliveryOrder(delivered: 4)
        #expect(order.received(batch(4, 6)).map(\.offset) == [5, 6])
        #expect(order.received(batch(4, 6)) == [])
        #expect(order.received(batch(3, 7)).map(\.offset) == [7])
        #expect(order.delivered == 7 && !order.isBehind)
    }

    @Test("puts a batch aside that leaves something out, until the database has been read")
    func gap() {
        var order = DeliveryOrder(delivered: 4)
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
        var order = DeliveryOrder(delivered: 4)
        order.heard(through: 9)
        let horizon = order.horizon
        order.heard(through: 12)
        order.caughtUp(horizon)
        #expect(order.isBehind)
        order.caughtUp(order.horizon)
        #expect(!order.isBehind && order.delivered == 4)
    }

    @Test("a hole in the database is a loss, unless a message filled it meanwhile")
    func loss() {
        var order = DeliveryOrder(delivered: 4)
        let pruned = EventBatch(after: 4, through: 9, events: batch(7, 9).events)
        #expect(order.read(pruned, first: 8).isLoss)
        #expect(order.delivered == 9)
        order = DeliveryOrder(delivered: 4)
        _ = order.received(batch(4, 7))
        let (due, isLoss) = order.read(pruned, first: 8)
        #expect(due.map(\.offset) == [8, 9] && !isLoss)
    }

    @Test("messages lost, doubled and out of order: every event once, in order", arguments: 0..<50)
    func chaos(_ seed: UInt64) {
        var random = Dice(state: seed)
        var order = DeliveryOrder(delivered: 0)
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
                guard order.isBehind, committed > order.delivered else { continue }
                let horizon = order.horizon
                delivered += order.read(batch(order.delivered, committed), first: order.delivered + 1).due.map(\.offset)
                order.caughtUp(horizon)
            }
        }
        delivered += order.read(batch(order.delivered, committed), first: order.delivered + 1).due.map(\.offset)
        #expect(delivered == Array(1...committed))
    }

    private func batch(_ after: Int64, _ through: Int64) -> EventBatch {
        let events = after < through ? (after + 1...through).map {
            PublishedEvent(event: event(Int($0)), offset: $0, at: Timestamp(milliseconds: $0))
        } : []
        return EventBatch(after: after, through: through, events: events)
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
