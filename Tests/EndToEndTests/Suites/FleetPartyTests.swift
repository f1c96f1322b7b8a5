import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// A party whose members are at different nodes.
    @Suite(.enabled(if: Fleet.isPossible && Tool.program("ffmpeg") != nil))
    struct FleetPartyTests {
        private static let screening = Once { try await Screening.open(try await Fleet.stage().owner, seconds: [40]) }

        /// A party with its host at the first server and a guest at the second.
        private struct Evening {
            let fleet: Fleet
            let party: Screening
            let host: SocketClient
            let guest: SocketClient
            /// What the guest was told on coming in.
            let entry: JSONValue

            var id: JSONValue { .string(party.id) }

            static func begin() async throws -> Evening {
                let fleet = try await Fleet.stage()
                let films = try await screening.value.films
                let wish: JSONValue = ["title": "Friday", "mediaIds": .array(films.map { .string($0) })]
                let made = try await fleet.owner.json(.POST, "/api/parties", wish, expecting: 201)
                let (id, code) = (try made.text("id"), try made.text("accessCode"))
                let host = try await SocketClient.connect(port: fleet.port(1), token: fleet.owner.token)
                let guest = try await SocketClient.connect(port: fleet.port(2))
                #expect(try await host.ask("join_party", ["partyId": .string(id)]).type == "ack")
                let entered = try await guest.ask(
                    "join_party", ["partyId": .string(id), "accessCode": .string(code), "name": "Gus"])
                try #require(entered.type == "ack", "\(entered.json)")
                let party = Screening(host: fleet.owner, id: id, code: code, films: films)
                return Evening(fleet: fleet, party: party, host: host, guest: guest, entry: entered.data)
            }

            func report(_ client: SocketClient, _ state: String) async throws {
                let report: JSONValue = ["partyId": id, "state": .string(state), "drift": -12, "latency": 30]
                #expect(try await client.ask("party_status", report).type == "ack")
            }

            func command(_ client: SocketClient, _ action: String, at sequence: JSONValue) async throws -> JSONValue {
                try await client.ask("party_command", ["partyId": id, "action": .string(action), "sequence": sequence]).data
            }

            func end() async {
                for client in [host, guest] { await client.close() }
            }
        }

        @Test func `what one does at one server is what all see at the other, and of two at once one is too late`() async throws {
            let evening = try await Evening.begin()
            _ = try await evening.host.event("party_member") { $0.data["member"]?["person"]?["name"] == "Gus" }
            let first = try await evening.party.state["sequence"] ?? 0
            async let one = evening.command(evening.host, "play", at: first)
            async let other = evening.command(evening.guest, "play", at: first)
            let answers = try await [one, other]
            #expect(answers.count { $0["playing"] == true } == 1 && answers.count { $0["code"] == "stale" } == 1, "\(answers)")
            let truth = try #require(answers.first { $0["playing"] == true })
            for client in [evening.host, evening.guest] {
                let heard = try await client.event("party_state") { $0.data["playing"] == true }.data
                #expect(heard["sequence"] == truth["sequence"] && heard["at"] == truth["at"])
            }
            try await evening.report(evening.guest, "playing")
            let status = try await evening.host.event("party_status") { $0.data["members"]?.elements.first?["drift"] == -12 }
            #expect(status.data["members"]?.elements.first?["person"]?.stringValue?.hasPrefix("guest:") == true)
            _ = try await evening.guest.ask("party_chat", ["partyId": evening.id, "text": "Look!"])
            #expect(try await evening.host.event("party_chat").data["text"] == "Look!")
            await evening.end()
        }

        @Test func `the film waits for one at the other server, and goes on for all`() async throws {
            let evening = try await Evening.begin()
            for client in [evening.host, evening.guest] { try await evening.report(client, "paused") }
            _ = try await evening.command(evening.host, "play", at: try await evening.party.state["sequence"] ?? 0)
            for client in [evening.host, evening.guest] { try await evening.report(client, "playing") }
            try await evening.report(evening.guest, "buffering")
            let held = try await evening.host.event("party_state") { $0.data["held"] == true }
            #expect(held.data["waitingFor"]?.elements.first?["person"]?["name"] == "Gus")
            try await evening.report(evening.host, "ready")
            try await evening.report(evening.guest, "ready")
            for client in [evening.host, evening.guest] {
                let resumed = try await client.event("party_state") { $0.data["action"] == "resume" }
                #expect(resumed.data["playing"] == true && resumed.data["held"] == false)
            }
            await evening.end()
        }

        @Test func `a server is killed: who was there comes back by the other, misses nothing, and the film goes on`() async throws {
            let evening = try await Evening.begin()
            let played = try await evening.command(evening.host, "play", at: try await evening.party.state["sequence"] ?? 0)
            let heard = try await evening.guest.event("party_state") { $0.data["playing"] == true }
            try evening.fleet.signal("server-2", SIGKILL)
            try await evening.guest.closed()
            let paused = try await evening.command(evening.host, "pause", at: played["sequence"] ?? 0)
            #expect(paused["playing"] == false, "\(paused)")

            let token = try evening.entry.text("token")
            let back = try await SocketClient.connect(port: evening.fleet.port(1), token: token)
            let place: [String: JSONValue] = [
                "partyId": evening.id, "epoch": evening.entry["epoch"] ?? .null, "offset": .integer(try #require(heard.offset)),
            ]
            #expect(try await back.ask("join_party", .object(place)).data["recovered"] == true)
            let missed = try await back.event("party_state") { $0.data["action"] == "pause" }
            #expect(missed.data["sequence"] == paused["sequence"] && missed.data["position"] == paused["position"])
            try await evening.fleet.up("server-2")
            let again = try await SocketClient.connect(port: evening.fleet.port(2), token: token)
            #expect(try await again.ask("join_party", .object(place)).data["recovered"] == true)
            let film = evening.party.host.with(token)
            #expect(try await film.json(.GET, "/api/parties/\(evening.party.id)/state")["sequence"] == paused["sequence"])
            for client in [evening.host, back, again] { await client.close() }
        }

        @Test func `Redis goes away, and members at both servers still play and pause for each other`() async throws {
            let evening = try await Evening.begin()
            try evening.fleet.signal("redis", SIGKILL)
            let played = try await evening.command(evening.guest, "play", at: try await evening.party.state["sequence"] ?? 0)
            #expect(try await evening.host.event("party_state") { $0.data["playing"] == true }.data["sequence"] == played["sequence"])
            try await evening.fleet.up("redis")
            let paused = try await evening.command(evening.host, "pause", at: played["sequence"] ?? 0)
            let heard = try await evening.guest.event("party_state") { $0.data["action"] == "pause" }
            #expect(heard.data["sequence"] == paused["sequence"])
            await evening.end()
        }
    }
}
