import Core
import NIOCore
import Sockets
import TestSupport
import Testing

@testable import Realtime

@Suite("What administrators see of the wires")
struct StatisticsTests {
    private static let start = NIODeadline.uptimeNanoseconds(0)

    private static func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    // MARK: Rates

    /// A ring of a second's steady events, ten delivered of each, until a time.
    private static func ring(until end: Int64, perSecond: Int) -> RateRing {
        var ring = RateRing(since: start)
        for second in 1..<end { ring.note(totals(second, perSecond), at: at(second)) }
        return ring
    }

    private static func totals(_ second: Int64, _ perSecond: Int) -> RateRing.Totals {
        RateRing.Totals(published: Int(second) * perSecond, delivered: Int(second) * perSecond * 10)
    }

    @Test(arguments: [Int64(1), 5, 30, 60, 61, 200])
    func `a steady rate is told as it is, however long it has lasted`(seconds: Int64) {
        let ring = Self.ring(until: seconds, perSecond: 7)
        let totals = Self.totals(seconds, 7)
        for span in [Int64(10), 60] {
            #expect(ring.rate(of: \.published, over: .seconds(span), totals, at: Self.at(seconds)) == 7)
            #expect(ring.rate(of: \.delivered, over: .seconds(span), totals, at: Self.at(seconds)) == 70)
        }
    }

    @Test func `what was long ago is in no rate, and what is new is in the short one first`() {
        var ring = Self.ring(until: 100, perSecond: 50)
        let end = Self.totals(99, 50)
        for second in Int64(100)...130 { ring.note(end, at: Self.at(second)) }
        #expect(ring.rate(of: \.published, over: .seconds(10), end, at: Self.at(131)) == 0)
        #expect((20...30).contains(ring.rate(of: \.published, over: .seconds(60), end, at: Self.at(131))))
        #expect(RateRing(since: Self.start).rate(of: \.published, over: .seconds(10), end, at: Self.start) == 0)
    }

    // MARK: Topics

    @Test func `topics are counted once by kind, and those with most followers are told with their wires`() {
        let ledger = TopicLedger()
        let sessions = (1...200).map { SessionID(at: Timestamp(milliseconds: Int64($0))) }
        for (number, session) in sessions.enumerated() {
            for _ in 0...(number % 50) { ledger.followed(.session(session), over: .webSocket) }
        }
        ledger.followed(.desk(sessions[0]), over: .socketIO)
        for wire in WireKind.allCases { for _ in 0..<40 { ledger.followed(.session(sessions[7]), over: wire) } }
        #expect(ledger.kinds == [.session: 200, .desk: 1])
        let most = ledger.most(20)
        #expect(most.count == 20 && most[0].topic == .session(sessions[7]))
        #expect(most[0].followers.named == ["ws": 48, "socket.io": 40, "sse": 40])
        #expect(most.dropFirst().map(\.followers.total) == [50, 50, 50, 50, 49, 49, 49, 49, 48, 48, 48, 48, 47, 47, 47, 47, 46, 46, 46])
    }

    @Test func `a topic that nobody follows any more is forgotten`() {
        let (ledger, topic) = (TopicLedger(), Topic.session(HubTests.session))
        ledger.followed(topic, over: .webSocket)
        ledger.followed(topic, over: .serverSentEvents)
        ledger.left(topic, over: .webSocket)
        #expect(ledger.most(5) == [.init(topic: topic, followers: ledger.most(1)[0].followers)] && ledger.kinds[.session] == 1)
        ledger.left(topic, over: .serverSentEvents)
        #expect(ledger.most(5).isEmpty && ledger.kinds[.session] == 0)
    }

    // MARK: Altogether

    @Test func `connections, topics, events, what waits and what ended are told`() async throws {
        let house = TestHouse()
        house.doors.know("owner", ClientConnectionTests.owner)
        let statistics = WireStatistics(house.house, node: "n", at: .now() - .seconds(5))
        let clients = try await [house.client(ClientConnectionTests.owner), house.client(ClientConnectionTests.owner)]
        for client in clients { try await client.ask("join_session", ["sessionId": .string(HubTests.session.description)]) }
        // One reader has room for everything at once, the other for each by itself.
        try await clients[1].wire.eventLoop.submit { clients[1].wire.value.hasRoom = false }.get()
        for _ in 1...10 { house.broker.publish(.session(HubTests.session)) }
        try await clients[1].wire.eventLoop.submit { clients[1].wire.value.queuedBytes = 700 }.get()
        let seen = try await eventually("the look at the queues") {
            let view = statistics.view()
            return view.queues.bytes == 700 ? view : nil
        }
        #expect(seen.node == "n" && seen.queues.largest == 700)
        #expect(seen.connections.total == 2 && seen.connections.byWire == ["ws": 2, "socket.io": 0, "sse": 0])
        #expect(seen.topics.total == 1 && seen.topics.most.map(\.topic) == [Topic.session(HubTests.session).name])
        #expect(seen.topics.most.first?.followers == 2)
        // Presence is told as well.
        #expect(seen.events.published >= 10 && seen.events.delivered >= 20)
        #expect(seen.events.publishedPerSecond.last10 > 0 && seen.events.deliveredPerSecond.last60 >= seen.events.publishedPerSecond.last60)

        try await clients[0].connection.run { $0.closed(.slow) }
        try await clients[1].connection.run { connection in
            connection.showOutForLoss()
            // The peer's answer, whatever it says.
            connection.closed(.normalClosure)
        }
        let after = statistics.view()
        #expect(after.connections.total == 0 && after.topics.total == 0 && after.queues.bytes == 0)
        #expect(after.closed["slow"] == 1 && after.closed["resync"] == 1 && after.closed["left"] == 0)
        try WireStatisticsView.schema.validate(JSON.value(of: after))
        try await house.shutdown()
    }

    @Test(arguments: Ending.allCases)
    func `every way to end is told of, also when it has not happened`(ending: Ending) async throws {
        let house = TestHouse()
        #expect(WireStatistics(house.house, node: "").view().closed[ending.rawValue] == 0)
        try await house.shutdown()
    }
}
