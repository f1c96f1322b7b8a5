import Core
import Synchronization
import TestSupport
import Testing

@testable import Community

enum SpeakingClauses {
    typealias Clause = ChatContract.Clause

    static let all = [
        Clause("a message is stored with its author's name and published in one order") { house in
            let first = try await house.say("Hello")
            let second = try await house.say("Good evening", by: house.owner)
            #expect((first.sequence, second.sequence) == (1, 2))
            #expect((first.author.name, second.author.name) == ("Ann", "olga"))
            #expect(try await house.say("Hi", by: house.bob).author.name == nil)
            let told = try await house.history().map { try JSON.decode(MessageView.self, from: $0.data) }
            #expect(Array(told.prefix(2)) == [first, second])
            for view in told { try MessageView.schema.validate(try JSON.decode(from: try JSON.text(view))) }
        },
        Clause("what is said at the same time gets one place each") { house in
            let views = try await withThrowingTaskGroup(of: MessageView.self) { group in
                for number in 0..<12 { group.addTask { try await house.say("\(number)", by: number % 2 == 0 ? house.ann : house.bob) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(views.map(\.sequence)) == Set(1...12))
            #expect(try await house.list().map(\.sequence) == (1...12).reversed())
        },
        Clause("the same client id gives the same message, and other content is refused") { house in
            let first = try await house.say("Hello", clientID: "one")
            let draft = Draft(text: "Hello", clientID: "one")
            let again = try await house.service().send(draft, to: house.session, by: house.ann)
            #expect(again.view == first && !again.isNew)
            #expect(try await refusal { try await house.say("Bye", clientID: "one") } == "client_id_reused")
            // Another author's are their own.
            #expect(try await house.say("Bye", by: house.bob, clientID: "one").id != first.id)
            // However it was changed since, it is the same.
            let edited = try await house.service().edit(first.id, to: "Hullo", in: house.session, by: house.ann)
            #expect(try await house.say("Hello", clientID: "one") == edited)
            try await house.service().delete(first.id, in: house.session, by: house.ann)
            #expect(try await house.say("Hello", clientID: "one").deletedAt != nil)
            #expect(try await house.history().count { $0.name == "new_message" } == 2)
        },
        Clause("a client id that was used in another chat is refused") { house in
            let other = SessionID(at: Timestamp(milliseconds: 9))
            house.neighbours.state.withLock { $0.active[other] = true }
            _ = try await house.say("Hello", by: house.owner, clientID: "one")
            let draft = Draft(text: "Hello", clientID: "one")
            #expect(try await refusal { try await house.service().send(draft, to: other, by: house.owner).view } == "client_id_reused")
        },
        Clause("a reply is to a message of the same chat that is there") { house in
            let first = try await house.say("Hello")
            #expect(try await house.say("Hi", replyTo: first.id).replyTo == first.id)
            #expect(try await refusal { try await house.say("Hi", replyTo: MessageID(house.session)) } == "invalid_field")
            try await house.service().delete(first.id, in: house.session, by: house.ann)
            #expect(try await refusal { try await house.say("Hi", replyTo: first.id) } == "invalid_field")
        },
        Clause("a photo can be spoken of that everybody in the session may see") { house in
            let (here, elsewhere) = (PhotoID(house.session), PhotoID(at: Timestamp(milliseconds: 5)))
            house.neighbours.state.withLock {
                $0.shown = [here: house.session, elsewhere: SessionID(at: Timestamp(milliseconds: 9))]
            }
            let said = try await house.service().send(Draft(text: "Look", photoID: here), to: house.session, by: house.ann)
            #expect(said.view.photoId == here)
            let draft = Draft(text: "Look", photoID: elsewhere)
            #expect(try await refusal { try await house.service().send(draft, to: house.session, by: house.ann).view } == "invalid_field")
        },
        Clause("an author changes a message for a while, and nobody else does") { house in
            let said = try await house.say("Helo")
            let service = house.service()
            #expect(try await refusal { try await service.edit(said.id, to: "Hm", in: house.session, by: house.owner) } == "not_author")
            let edited = try await service.edit(said.id, to: "Hello", in: house.session, by: house.ann)
            #expect(edited.text == "Hello" && edited.editedAt != nil)
            // What was said first is not in the history any more.
            #expect(try await house.history().map(\.name) == ["new_message", "message_edited"])
            #expect(try await !house.history().contains { $0.data.contains("Helo") })
            // Nothing is told of no change.
            #expect(try await service.edit(said.id, to: " Hello ", in: house.session, by: house.ann) == edited)
            #expect(try await house.history().count == 2)
            house.clock.advance(by: .seconds(15 * 60))
            #expect(try await refusal { try await service.edit(said.id, to: "Hm", in: house.session, by: house.ann) } == "too_late")
        },
        Clause("a deleted message leaves its place, and its text nowhere") { house in
            let said = try await house.say("A secret", clientID: "one")
            _ = try await house.say("Something else")
            try await house.service().react("👍", isAdded: true, to: said.id, in: house.session, by: house.bob)
            #expect(try await refusal { try await house.service().delete(said.id, in: house.session, by: house.bob) } == "not_author")
            try await house.service().delete(said.id, in: house.session, by: house.ann)
            let left = try #require(try await house.list().last)
            #expect(left.id == said.id && left.text.isEmpty && left.deletedAt != nil && left.reactions == [])
            #expect(try await house.history().map(\.name) == ["new_message", "new_message", "message_reaction", "message_deleted"])
            let rows = try await house.database.read { tx in
                try tx.query("SELECT data AS kept FROM outbox UNION ALL SELECT text FROM chat_messages").map { try $0.get("kept", as: String.self) }
            }
            #expect(rows.count == 6 && !rows.contains { $0.contains("secret") })
            let told = try JSON.decode(MessageView.self, from: try #require(try await house.history().first).data)
            #expect(told.id == said.id && told.text.isEmpty && told.deletedAt != nil)
            // It is gone for good.
            #expect(try await refusal { try await house.service().delete(said.id, in: house.session, by: house.ann) } == "not_found")
        },
        Clause("moderators remove any message at any time, authors theirs for a day") { house in
            let said = [try await house.say("One"), try await house.say("Two")]
            house.clock.advance(by: .seconds(86_400))
            #expect(try await refusal { try await house.service().delete(said[0].id, in: house.session, by: house.ann) } == "too_late")
            try await house.service().delete(said[0].id, in: house.session, by: house.owner)
            let told = try JSON.decode(MessageDeleted.self, from: try #require(try await house.history().last).data)
            #expect(told.byModerator && told.sequence == 1)
        },
        Clause("nothing is said in a session that has ended or is not there") { house in
            let said = try await house.say("Hello")
            house.neighbours.state.withLock { $0.active[house.session] = false }
            #expect(try await refusal { try await house.say("More", by: house.owner) } == "session_ended")
            #expect(try await refusal { try await house.service().edit(said.id, to: "More", in: house.session, by: house.ann) } == "session_ended")
            #expect(try await house.list().count == 1)
            house.neighbours.state.withLock { $0.active[house.session] = nil }
            #expect(try await refusal { try await house.say("More") } == "not_found")
            #expect(try await refusal { try await house.list() } == "not_found")
        },
        Clause("a guest who was shown out speaks no more, over connections that are still open either") { house in
            guard case .guest(let id) = house.ann.person else { return }
            house.neighbours.state.withLock { $0.grants[id]?.revokedAt = house.clock.now() }
            let code = try await refusal { try await house.say("Hello") }
            #expect(code == "invalid_token")
        },
        Clause("a chat has an end") { house in
            let service = house.service { $0.messages = 2 }
            for _ in 0..<2 { _ = try await service.send(Draft(text: "Hello"), to: house.session, by: house.ann) }
            #expect(try await refusal { try await service.send(Draft(text: "Hello"), to: house.session, by: house.ann).view } == "chat_full")
        },
        Clause("who says too much at once has to wait, and nobody else") { house in
            let service = house.service { $0.speech = RateLimit(burst: 2, interval: .seconds(1)) }
            let draft = Draft(text: "Hello")
            for _ in 0..<2 { _ = try await service.send(draft, to: house.session, by: house.ann) }
            #expect(try await refusal { try await service.send(draft, to: house.session, by: house.ann).view } == "too_many_requests")
            _ = try await service.send(draft, to: house.session, by: house.bob)
            house.clock.advance(by: .seconds(1))
            _ = try await service.send(draft, to: house.session, by: house.ann)
        },
    ]
}
