import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Two photographers, three guests with different rights and a stranger, from the first photo to the archive. Each row says what
    /// everybody sees at that moment; whoever follows the session has it on their screen, too, by what they were told.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"))) struct WholeEventTests {
        @Test func `at each moment of an event everybody sees what is theirs, and nothing else`() async throws {
            var wedding = try await open()
            let names = Wedding.cast
            #expect(names == ["ada", "bob", "gus", "ida", "uma", "nobody"])
            //                                                        ada    bob    gus    ida    uma    nobody
            try await wedding.see("nothing is there", ["", "", "", "", "404", "401"])
            try await wedding.send("A", by: "ada")
            try await wedding.see("the owner sent A", ["A", "A", "A", "A", "404", "401"])
            try await wedding.send("C", by: "uma")
            try await wedding.see("a guest sent C", ["AC", "AC", "A", "A", "404", "401"])
            try await wedding.batch("approve", "C")
            try await wedding.see("C is approved", ["AC", "AC", "AC", "AC", "404", "401"])
            try await wedding.send("B", by: "bob")
            try await wedding.see("the other photographer sent B", ["ABC", "ABC", "ABC", "ABC", "404", "401"])
            try await wedding.batch("reject", "A", ["note": "eyes closed"])
            try await wedding.see("A is rejected", ["ABC", "ABC", "BC", "BC", "404", "401"])
            try await wedding.batch("approve", "A")
            try await wedding.batch("hide", "B")
            try await wedding.see("A is back, B is hidden", ["ABC", "ABC", "AC", "AC", "404", "401"])
            try await wedding.batch("delete", "C")
            try await wedding.see("C is in the bin", ["AB", "AB", "A", "A", "404", "401"])
            try await wedding.batch("restore", "C")
            try await wedding.batch("publish", "B")
            try await wedding.see("all are back", ["ABC", "ABC", "ABC", "ABC", "404", "401"])
            try await refusals(wedding)
            try await choosing(wedding)
            try await pausing(&wedding)
            try await wedding.see("paused", ["ABCD", "ABCD", "ABCD", "ABCD", "404", "401"])
            try await leaving(&wedding)
        }

        /// The session with all who are there; uma can only send, ida can choose.
        private func open() async throws -> Wedding {
            let stage = try await SharedServer.stage()
            let (server, ada) = (stage.server, stage.ownerAPI)
            let shoot = try await Shoot.begin(ada, title: "Anna and Ben")
            var wedding = Wedding(shoot: shoot)
            let account = try await server.createAccount("bob-\(UUID().uuidString.prefix(8).lowercased())")
            let member = try await ada.json(
                .POST, "/api/sessions/\(shoot.id)/members", ["email": .string(account.email), "role": "photographer"], expecting: 201)
            #expect(member["role"] == "photographer")
            wedding.visitors = [
                Visitor(name: "ada", api: ada, topic: "desk"),
                Visitor(name: "bob", api: try await server.client(account), topic: "desk"),
                Visitor(name: "gus", api: try await shoot.guest()),
                Visitor(name: "ida", api: try await enter(shoot, ["select", "original"], "Ida")),
                Visitor(name: "uma", api: try await enter(shoot, ["upload"], "Uma")),
                Visitor(name: "nobody", api: ada.with(nil)),
            ]
            for name in ["ada", "bob", "gus", "ida"] {
                let socket = try await SocketClient.connect(port: server.port, token: wedding[name].api.token)
                try await socket.join(shoot, code: false)
                wedding[name].screen = socket
            }
            for name in ["uma", "nobody"] {
                let socket = try await SocketClient.connect(port: server.port, token: wedding[name].api.token)
                #expect(try await socket.ask("join_session", ["sessionId": .string(shoot.id)]).type == "error", "\(name)")
                await socket.close()
            }
            return wedding
        }

        private func enter(_ shoot: Shoot, _ rights: [String], _ name: String) async throws -> API {
            let link = try await shoot.owner.json(
                .POST, "/api/sessions/\(shoot.id)/links",
                ["name": .string("for \(name)"), "rights": .array(rights.map(JSONValue.string))], expecting: 201)
            let token = try #require(try link.text("url").split(separator: "/").last)
            let entry = try await shoot.owner.with(nil).json(.POST, "/api/links/\(token)/enter", ["name": .string(name)])
            return shoot.owner.with(try entry.text("token"))
        }

        /// What nobody but the staff may do, and what one photographer may not do to another's photos.
        private func refusals(_ wedding: Wedding) async throws {
            let photo = wedding.photo("A")
            let rejection: JSONValue = ["review": "rejected"]
            for (name, status) in [("bob", 403), ("gus", 403), ("ida", 403), ("uma", 404), ("nobody", 401)] {
                let answer = try await wedding[name].api.send(.POST, "/api/photos/\(photo)/review", json: rejection)
                #expect(answer.status == status, "\(name): \(answer.status)")
                #expect(try await wedding[name].api.get("/api/photos?session=\(wedding.shoot.id)&review=pending").status != 200 || name == "bob")
            }
            let own = try await wedding["bob"].api.json(.PUT, "/api/photos/\(wedding.photo("B"))", ["title": "The kiss", "rating": 5])
            #expect(own["title"] == "The kiss" && own["rating"] == 5)
            let seen = try await wedding["gus"].api.json(.GET, "/api/photos/\(wedding.photo("B"))")
            #expect(seen["title"] == "The kiss" && seen["rating"] == nil && seen["uploaderName"] == nil)
            let sent = try await wedding["ada"].api.json(.GET, "/api/photos/\(wedding.photo("C"))")
            #expect(sent["uploaderName"] == "Uma" && sent["review"] == "approved")
        }

        /// Ida chooses for the album; the desk hears of it, and Gus may not.
        private func choosing(_ wedding: Wedding) async throws {
            let id = wedding.shoot.id
            let list = try await wedding["ada"].api.json(
                .POST, "/api/sessions/\(id)/selections", ["name": "Album", "maximum": 1], expecting: 201).text("id")
            let put = { (name: String, letter: String) in
                try await wedding[name].api.send(.PUT, "/api/selections/\(list)/photos/\(wedding.photo(letter))", json: ["note": "large"])
            }
            #expect(try await put("gus", "A").status == 403)
            #expect(try await put("ida", "A").status == 200)
            #expect(try await put("ida", "B").code == "selection_full")
            let heard = try await wedding["ada"].screen!.event("selection_photo_changed") { $0.topic?.hasPrefix("desk") == true }
            #expect(heard.data["photoId"]?.stringValue == wedding.photo("A"))
            try await wedding["ida"].api.json(.POST, "/api/selections/\(list)/submit")
            #expect(try await put("ida", "B").code == "selection_submitted")
            let names = try await wedding["ada"].api.get("/api/selections/\(list)/export?format=names&extension=strip")
            #expect(names.text.trimmingCharacters(in: .whitespacesAndNewlines) == "A")
        }

        /// While the session pauses, the staff's files come in and guests' do not.
        private func pausing(_ wedding: inout Wedding) async throws {
            let id = wedding.shoot.id
            try await wedding["ada"].api.json(.PUT, "/api/sessions/\(id)", ["status": "paused"])
            _ = try await wedding["gus"].screen!.event("session_updated") { $0.data["status"] == "paused" && $0.data["accessCode"] == nil }
            try await wedding.send("D", by: "bob")
            let data = try Fixtures.data("orientation-1.jpg")
            let refused = try await wedding["uma"].api.send(
                .PUT, "/api/sessions/\(id)/files/late.jpg", headers: [("Content-Type", "image/jpeg")], body: data)
            #expect(refused.status == 409 && refused.code == "session_paused")
        }

        /// Everybody goes, one after the other; who has gone sees nothing, whatever they held.
        private func leaving(_ wedding: inout Wedding) async throws {
            let (id, ada) = (wedding.shoot.id, wedding["ada"].api)
            let url = try await wedding["gus"].api.json(.GET, "/api/photos/\(wedding.photo("A"))")["renditions"]!.elements[0].text("url")
            let links = try await ada.json(.GET, "/api/sessions/\(id)/links").items
            let link = try #require(links.first { $0["name"] == "for Ida" }).text("id")
            try await ada.json(.DELETE, "/api/sessions/\(id)/links/\(link)", expecting: 204)
            try await wedding["ida"].screen!.closed()
            wedding["ida"].screen = nil
            try await wedding.see("Ida's link is removed", ["ABCD", "ABCD", "ABCD", "401", "404", "401"])
            let bob = try await ada.json(.GET, "/api/sessions/\(id)/members").items.first { $0["role"] == "photographer" }
            try await ada.json(.DELETE, "/api/sessions/\(id)/members/\(try #require(bob).text("userId"))", expecting: 204)
            wedding["bob"].screen = nil
            try await wedding.see("Bob is removed", ["ABCD", "404", "ABCD", "401", "404", "401"])
            try await ada.json(.POST, "/api/sessions/\(id)/archive")
            try await wedding["gus"].screen!.closed()
            wedding["gus"].screen = nil
            try await wedding.see("archived", ["ABCD", "404", "401", "401", "401", "401"])
            #expect(try await wedding["gus"].api.with(nil).get(url).status >= 401)
            let again = try await ada.with(nil).send(
                .POST, "/api/sessions/\(id)/verify", json: ["accessCode": .string(wedding.shoot.code)])
            #expect(again.code == "session_archived")
            try await ada.json(.POST, "/api/sessions/\(id)/restore")
            wedding["gus"].api = try await wedding.shoot.guest()
            try await wedding.see("restored; Gus has come in again", ["ABCD", "404", "ABCD", "401", "401", "401"])
        }
    }
}
