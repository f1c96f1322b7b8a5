import Core
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Who is in a session.
    @Suite struct PresenceTests {
        @Test func `a photographer and two guests see each other come and go by their names`() async throws {
            let stage = try await SharedServer.stage()
            try await seeEachOther(stage.ownerAPI, stage.server.port, stage.server.port)
        }

        @Test(.enabled(if: Fleet.isPossible)) func `whoever comes to one of two servers is seen at the other`() async throws {
            let fleet = try await Fleet.stage()
            try await seeEachOther(try await fleet.signedIn(), fleet.port(1), fleet.port(2))
        }

        private func seeEachOther(_ photographer: API, _ port: Int, _ otherPort: Int) async throws {
            let shoot = try await Shoot.begin(photographer)
            let owner = try await SocketClient.connect(port: port, token: photographer.token)
            let own = try await owner.join(shoot, code: false)
            let name = try #require(own["people"]?.elements.first?["name"]?.stringValue)
            #expect(own["guests"] == 1 && own["people"]?.elements.first?["userId"] != nil && own["sampled"] == false)

            let gus = try await SocketClient.connect(port: port)
            let entry = try await enter(gus, shoot, "Gus")
            let ida = try await SocketClient.connect(port: otherPort)
            #expect(names(try await enter(ida, shoot, "Ida")) == ["Gus", "Ida", name].sorted())
            // Somebody without a name is only counted.
            let nobody = try await SocketClient.connect(port: otherPort)
            try await nobody.join(shoot, code: true)
            for client in [owner, gus, ida] {
                let all = try await client.event("user_joined") { $0.data["count"] == 4 && names($0.data).count == 3 }
                #expect(names(all.data) == ["Gus", "Ida", name].sorted() && all.data["sampled"] == false)
                #expect(all.data["people"]?.elements.filter { $0["kind"] == "guest" && $0["userId"] == nil }.count == 2)
            }
            // A second window of the same guest.
            let window = try await SocketClient.connect(port: otherPort, token: try entry.text("token"))
            #expect(try await window.join(shoot, code: false)["guests"] == 4)
            await gus.close()
            await nobody.close()
            _ = try await owner.event("user_left") { $0.data["count"] == 3 && names($0.data) == ["Gus", "Ida", name].sorted() }
            await window.close()
            for client in [owner, ida] {
                _ = try await client.event("user_left") { $0.data["count"] == 2 && names($0.data) == ["Ida", name].sorted() }
            }
            // Who is shown out is seen no more.
            let guests = try await shoot.owner.json(.GET, "/api/sessions/\(shoot.id)/guests").items
            let id = try #require(guests.first { $0["name"] == "Ida" }).text("id")
            try await shoot.owner.json(.DELETE, "/api/sessions/\(shoot.id)/guests/\(id)", expecting: 204)
            _ = try await owner.event("user_left") { $0.data["count"] == 1 && names($0.data) == [name] }
            try await ida.closed()
            await owner.close()
        }

        private func enter(_ client: SocketClient, _ shoot: Shoot, _ name: String) async throws -> JSONValue {
            try await client.ask(
                "join_session", ["sessionId": .string(shoot.id), "accessCode": .string(shoot.code), "name": .string(name)]).data
        }

        private func names(_ data: JSONValue) -> [String] {
            (data["people"]?.elements ?? []).compactMap { $0["name"]?.stringValue }.sorted()
        }
    }
}
