import Core
import Testing

@testable import Realtime

@Suite("The recovery of topics")
struct TopicRecoveryTests {
    static let (session, desk) = (Topic.session(HubTests.session), Topic.desk(HubTests.session))

    static func read(_ broker: MemoryBroker, _ session: Int64?, _ desk: Int64?) async throws -> TopicRecovery.Found {
        try await TopicRecovery(broker: broker).read([(Self.session, session), (Self.desk, desk)])
    }

    @Test func `what was missed of all topics comes in the one order that it was published in`() async throws {
        let broker = MemoryBroker()
        for topic in [Self.session, Self.desk, Self.desk, Self.session, Self.desk] { broker.publish(topic) }
        let found = try await Self.read(broker, 1, 1)
        #expect(found.missed.map(\.offset) == [2, 3, 4, 5] && found.position == 5 && found.isComplete)
    }

    @Test func `wherever a client is cut off, the last offset it has seen recovers the rest of all topics`() async throws {
        let broker = MemoryBroker()
        let topics = (0..<40).map { _ in Bool.random() ? Self.session : Self.desk }
        for topic in topics { broker.publish(topic) }
        // Something of the one topic comes while the other's history is read.
        broker.onRead { topic in broker.publish(topic == Self.session ? Self.desk : Self.session) }
        var seen: [Int64] = []
        while seen.last ?? 0 < 40 {
            let found = try await Self.read(broker, seen.last ?? 0, seen.last ?? 0)
            #expect(found.isComplete)
            seen += found.missed.compactMap(\.offset).prefix(7)
        }
        #expect(seen.prefix(40) == Array(1...40)[...])
    }

    @Test(arguments: [(Int64?.none, Int64?(3)), (3, nil), (nil, nil), (0, 3), (99, 3)])
    func `all or nothing: one topic without a place, or whose history is not whole, and nothing is recovered`(
        places: (Int64?, Int64?)
    ) async throws {
        let broker = MemoryBroker()
        for _ in 1...4 { broker.publish(Self.session) }
        broker.prune(through: 2)
        let found = try await Self.read(broker, places.0, places.1)
        #expect(found.missed.isEmpty && !found.isComplete && found.position == 4)
    }

    @Test(arguments: [(TopicRecovery.maxEvents + 1, 2), (10, TopicRecovery.maxBytes / 10)])
    func `what is too much to send at once is not recovered`(count: Int, bytes: Int) async throws {
        let broker = MemoryBroker()
        let data = String(repeating: "x", count: bytes)
        for number in 1...count { broker.publish(number % 2 == 0 ? Self.session : Self.desk, data: data) }
        let found = try await Self.read(broker, 0, 0)
        #expect(found.missed.isEmpty && !found.isComplete && found.position == Int64(count))
    }
}
