import Core
import NIOCore
import TestSupport
import Testing

@testable import Realtime

@Suite("The clock of parties")
struct PartyClockTests {
    private static let table = EventTable(RealtimeEvents.all)

    private static func command(_ text: String) throws -> Command { try Command(ByteBuffer(string: text), table: table) }

    @Test(arguments: [0, -7, 1234.5678, 1e300, 9_007_199_254_740_993])
    func `is told in the turn in which it is asked for, with the time of the asking given back`(time: Double) async throws {
        let house = TestHouse()
        let client = try await house.client()
        let text = time == time.rounded() && abs(time) < 1e18 ? "\(Int64(time))" : "\(time)"
        let command = try Self.command(#"{"type":"party_clock","id":"a","data":{"t0":\#(text)}}"#)
        let notes = try await client.connection.run { connection in
            let arrival = house.clock.now()
            house.clock.advance(.milliseconds(3))
            connection.received(command, at: arrival)
            return client.wire.value.inbox.elements
        }
        let arrival = house.clock.now().milliseconds - 3
        let expected = try JSONValue(parsing: #"{"t0":\#(text),"t1":\#(arrival),"t2":\#(arrival + 3)}"#.utf8)
        #expect(notes == [.ack("a", expected)])
        try await house.shutdown()
    }

    @Test func `is told while other commands wait, before they are answered`() async throws {
        let house = TestHouse()
        let client = try await house.client(ClientConnectionTests.owner)
        let (waiting, goOn) = AsyncStream.makeStream(of: Void.self)
        house.states.onAsk { for await _ in waiting { return } }
        let join = try Self.command(#"{"type":"join_session","id":1,"data":{"sessionId":"\#(HubTests.session)","state":true}}"#)
        let (ping, clock) = (try Self.command(#"{"type":"ping","id":2}"#), try Self.command(#"{"type":"party_clock","id":3,"data":{"t0":1}}"#))
        let notes = try await client.connection.run { connection in
            for command in [join, ping, clock] { connection.received(command, at: house.clock.now()) }
            return client.wire.value.inbox.elements
        }
        #expect(notes.map(\.data?["t0"]) == [1])
        goOn.yield()
        let inbox = try await client.connection.run { _ in client.wire.value.inbox }
        let answers = try await inbox.wait(for: "the other answers") { notes, _ in
            let answers = notes.compactMap { if case .ack(let id, _) = $0 { id } else { nil } }
            return answers.count == 3 ? answers : nil
        }
        #expect(answers == [3, 1, 2])
        try await house.shutdown()
    }

    @Test func `without an id there is no answer`() async throws {
        let house = TestHouse()
        let client = try await house.client()
        let command = try Self.command(#"{"type":"party_clock","data":{"t0":1}}"#)
        try await client.connection.run { $0.received(command, at: house.clock.now()) }
        #expect(try await client.notes.isEmpty)
        try await house.shutdown()
    }

    @Test(arguments: ["{}", #"{"t0":"1"}"#, #"{"t0":null}"#, "[]"])
    func `what is no number is refused`(data: String) {
        #expect {
            try Self.command(#"{"type":"party_clock","id":1,"data":\#(data)}"#)
        } throws: { ($0 as? Command.Refusal)?.problem.code == "invalid_field" }
    }
}
