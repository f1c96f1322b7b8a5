import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// People in a session talk.
    @Suite struct ChatTests {
        private static func talk() async throws -> Talk {
            let stage = try await SharedServer.stage()
            return try await Talk.begin(stage.ownerAPI, port: stage.server.port)
        }

        @Test func `an owner and a guest who came by the code talk, answer, react and read`() async throws {
            let talk = try await Self.talk()
            try await converse(talk)
            await talk.close()
        }

        private func converse(_ talk: Talk) async throws {
            #expect(try await talk.ask("typing", by: talk.guest).type == "ack")
            #expect(try await talk.owner.event("typing").data["person"]?["name"] == "Gus")
            let said = try await talk.say("Hello", by: talk.guest, ["client_id": "c-1"])
            let id = try said.text("id")
            #expect(said["author"]?["name"] == "Gus" && said["author"]?["kind"] == "guest" && said["sequence"] == 1)
            for client in [talk.owner, talk.guest] {
                let heard = try await client.event("new_message") { $0.data["id"]?.stringValue == id }
                #expect(heard.data == said && heard.topic == "session:\(talk.shoot.id)" && heard.offset != nil)
            }
            // By the names of other clients, and once more, which says nothing twice.
            let again = try await talk.guest.ask(
                "message:send", ["session_id": .string(talk.shoot.id), "text": "Hello", "client_id": "c-1"])
            #expect(again.data == said)
            try await talk.say("Welcome", by: talk.owner, ["replyTo": .string(id)])
            let answer = try await talk.guest.event("new_message") { $0.data["text"] == "Welcome" }
            #expect(answer.data["replyTo"]?.stringValue == id && answer.data["author"]?["kind"] == "user")

            try await talk.shoot.owner.json(.PUT, "/api/messages/\(id)/reactions/%F0%9F%91%8D", expecting: 204)
            let reaction = try await talk.guest.event("message_reaction")
            #expect(reaction.data["emoji"] == "👍" && reaction.data["count"] == 1 && reaction.data["isAdded"] == true)
            let listed = try await talk.shoot.owner.all("\(talk.path)/messages", limit: 1)
            #expect(listed.map { $0["sequence"]?.integerValue } == [2, 1])
            #expect(listed.last?["reactions"] == [["emoji": "👍", "count": 1, "isMine": true]])

            #expect(try await talk.shoot.owner.json(.GET, "\(talk.path)/chat")["unread"] == 1)
            let read = try await talk.ask("mark_read", ["sequence": 2], by: talk.owner)
            #expect(read.data["unread"] == 0 && read.data["sequence"] == 2)
            #expect(try await talk.shoot.owner.json(.GET, "\(talk.path)/chat")["unread"] == 0)
        }

        @Test func `what one device has read the person's other devices are told, whatever they follow, and nobody else`() async throws {
            let talk = try await Self.talk()
            let other = try await SocketClient.connect(port: talk.port, token: talk.shoot.owner.token)
            let place = try await other.event("authenticated").data
            #expect(place["recovered"] == false && place["offset"]?.integerValue != nil)
            try await talk.say("Hello", by: talk.guest)
            #expect(try await talk.ask("message_read", ["sequence": 1], by: talk.owner).type == "ack")
            let read = try await other.event("message_read")
            #expect(read.data["sequence"] == 1 && read.data["unread"] == 0 && read.data["sessionId"]?.stringValue == talk.shoot.id)
            #expect(read.topic == "user:\(try place.text("userId"))" && read.offset == nil)
            for client in [talk.guest, other] { _ = try await client.ask("ping") }
            #expect(!talk.guest.events.contains { ["message_read", "authenticated"].contains($0.type) })
            #expect(!other.events.contains { $0.topic?.hasPrefix("session:") ?? false })
            // Who comes back says where it was.
            let again = try await SocketClient.connect(port: talk.port)
            let answer = try await again.ask("authenticate", [
                "token": .string(talk.shoot.owner.token ?? ""), "epoch": place["epoch"] ?? .null, "offset": place["offset"] ?? .null,
            ])
            #expect(answer.data["recovered"] == true)
            for client in [other, again] { await client.close() }
            await talk.close()
        }

        @Test func `a muted guest, a slow chat, a closed one and words that are not wanted`() async throws {
            let talk = try await Self.talk()
            let said = try await talk.say("Hello", by: talk.guest)
            let person = "guest:\(try (said["author"] ?? .null).text("id"))"
            let mute = "\(talk.path)/chat/mutes/\(person)"
            #expect(try await talk.shoot.owner.json(.PUT, mute, [:])["person"]?["name"] == "Gus")
            #expect(try await talk.refusal("May I?", by: talk.guest) == "muted")
            #expect(try await talk.shoot.owner.json(.GET, "\(talk.path)/chat/mutes").items.count == 1)
            // What others say is heard nevertheless.
            try await talk.say("You may not", by: talk.owner)
            _ = try await talk.guest.event("new_message") { $0.data["text"] == "You may not" }
            try await talk.shoot.owner.json(.DELETE, mute, expecting: 204)

            try await talk.rule(["words": ["Darn"]])
            #expect(try await talk.refusal("ｄａｒｎ!", by: talk.guest) == "word_refused")
            try await talk.rule(["words": [], "slowModeSeconds": 3600])
            #expect(try await talk.guest.event("chat_updated").data["slowModeSeconds"] == 3600)
            #expect(try await talk.refusal("Too soon", by: talk.guest) == "slow_mode")
            try await talk.rule(["slowModeSeconds": 0, "isOn": false])
            #expect(try await talk.refusal("Hello?", by: talk.owner) == "chat_off")
            try await talk.rule(["isOn": true])
            try await talk.say("At last", by: talk.guest)
            #expect(try await talk.texts() == ["At last", "You may not", "Hello"])
            await talk.close()
        }

        @Test func `whoever comes back gets what was missed, and not what was taken back or changed`() async throws {
            let talk = try await Self.talk()
            await talk.guest.close()
            let secret = try await talk.say("A secret", by: talk.owner).text("id")
            let typo = try await talk.say("Helo", by: talk.owner).text("id")
            #expect(try await talk.owner.ask("edit_message", ["messageId": .string(typo), "text": "Hello"]).data["text"] == "Hello")
            #expect(try await talk.owner.ask("delete_message", ["messageId": .string(secret)]).type == "ack")

            let guest = try await SocketClient.connect(port: talk.port)
            let joined = try await guest.join(talk.shoot, code: true, since: (talk.epoch, talk.offset))
            #expect(joined["recovered"] == true)
            _ = try await guest.ask("ping")
            let missed = guest.events.filter { $0.offset != nil }
            #expect(missed.map(\.type) == ["new_message", "new_message", "message_edited", "message_deleted"])
            #expect(missed.map { $0.data["text"]?.stringValue } == ["", "Hello", "Hello", nil])
            #expect(!guest.events.contains { "\($0.json)".contains("secret") || "\($0.json)".contains("Helo\"") })
            #expect(try await talk.texts() == ["Hello", ""])
            // It is somebody else's.
            let refused = try await guest.ask("edit_message", ["messageId": .string(typo), "text": "Mine"])
            #expect(refused.type == "error" && refused.data["code"] == "not_author")
            await guest.close()
            await talk.close()
        }

        @Test func `who is not in the session neither hears nor speaks, nor learns that it is there`() async throws {
            let talk = try await Self.talk()
            let said = try await talk.say("Among us", by: talk.owner).text("id")
            let other = try await Self.talk()
            for command in ["send_message", "typing", "message_read"] {
                let data: JSONValue = ["sessionId": .string(talk.shoot.id), "text": "Hello", "sequence": 1]
                let answer = try await other.guest.ask(command, data)
                #expect(["unauthorized", "not_found"].contains(answer.data["code"]?.stringValue), "\(command): \(answer.json)")
            }
            for command in ["edit_message", "delete_message"] {
                let answer = try await other.guest.ask(command, ["messageId": .string(said), "text": "Hello"])
                #expect(["unauthorized", "not_found"].contains(answer.data["code"]?.stringValue), "\(command): \(answer.json)")
            }
            let guest = try await other.shoot.guest()
            #expect(try await guest.get("\(talk.path)/messages").status == 404)
            #expect(try await guest.send(.DELETE, "/api/messages/\(said)").status == 404)
            await talk.close()
            await other.close()
        }

        @Test func `what was acknowledged is there after the server was killed, and is told to whoever comes back`() async throws {
            let server = try await ServerProcess.start()
            let talk = try await Talk.begin(try server.newcomer(), port: server.port)
            for number in 1...5 { try await talk.say("\(number)", by: talk.guest) }
            try await server.kill9()
            try await server.restart()
            #expect(try await talk.texts() == ["5", "4", "3", "2", "1"])
            let guest = try await SocketClient.connect(port: server.port)
            let joined = try await guest.join(talk.shoot, code: true, since: (talk.epoch, talk.offset))
            #expect(joined["recovered"] == true)
            for number in 1...5 { _ = try await guest.event("new_message") { $0.data["text"] == .string("\(number)") } }
            _ = try await guest.ask("ping")
            #expect(guest.events.filter { $0.type == "new_message" }.map { $0.data["text"] } == (1...5).map { .string("\($0)") })
            try await server.terminate()
        }

        @Test(.enabled(if: Fleet.isPossible))
        func `on two servers the talk is one, and what is taken back on one is not to be had from the other`() async throws {
            let fleet = try await Fleet.stage()
            let talk = try await Talk.begin(fleet.owner, port: fleet.port(1), other: fleet.port(2))
            try await converse(talk)
            let offset = try #require(talk.guest.events.compactMap(\.offset).max())
            await talk.guest.close()
            let secret = try await talk.say("A secret", by: talk.owner).text("id")
            #expect(try await talk.owner.ask("delete_message", ["messageId": .string(secret)]).type == "ack")
            try await talk.say("Nothing", by: talk.owner)
            let guest = try await SocketClient.connect(port: talk.port)
            #expect(try await guest.join(talk.shoot, code: true, since: (talk.epoch, offset))["recovered"] == true)
            _ = try await guest.event("new_message") { $0.data["text"] == "Nothing" }
            #expect(!guest.events.contains { "\($0.json)".contains("secret") })
            await guest.close()
            await talk.owner.close()
        }

        @Test(.enabled(if: LocalPostgres.isInstalled))
        func `on PostgreSQL the talk is the same`() async throws {
            let url = try await LocalPostgres.shared.value.freshDatabase()
            let server = try await ServerProcess.start(variables: [
                "DATABASE_URL": url, "LUMIERE_SIGNING_KEYS": String(repeating: "k", count: 48),
            ])
            try await converse(try await Talk.begin(try server.newcomer(), port: server.port))
            try await server.terminate()
        }
    }
}
