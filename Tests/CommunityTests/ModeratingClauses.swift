import Core
import Synchronization
import TestSupport
import Testing

@testable import Community

enum ModeratingClauses {
    typealias Clause = ChatContract.Clause

    static let all = [
        Clause("a closed chat is read only, until it is opened") { house in
            let said = try await house.say("Hello")
            let service = house.service()
            let view = try await service.update(house.session, ChatChange(isOn: false), by: house.owner)
            #expect(!view.isOn && view.isModerator)
            for speaker in [house.ann, house.owner] {
                #expect(try await refusal { try await house.say("More", by: speaker) } == "chat_off")
            }
            #expect(
                try await refusal { try await service.react("👍", isAdded: true, to: said.id, in: house.session, by: house.bob) } == "chat_off")
            // What was said can be taken back.
            try await service.delete(said.id, in: house.session, by: house.ann)
            _ = try await service.update(house.session, ChatChange(isOn: true), by: house.owner)
            _ = try await house.say("More")
            let told = try await house.history().filter { $0.name == "chat_updated" }
            #expect(try told.map { try JSON.decode(ChatUpdated.self, from: $0.data).isOn } == [false, true])
        },
        Clause("what is left out of a change stays, and words are told to moderators alone") { house in
            let service = house.service()
            _ = try await service.update(house.session, ChatChange(slowModeSeconds: 5, words: ["Ｄａｒｎ", "darn", " two   Words "]), by: house.owner)
            let view = try await service.update(house.session, ChatChange(), by: house.owner)
            #expect(view.slowModeSeconds == 5 && view.words == ["darn", "two words"])
            let seen = try await service.view(house.session, for: house.ann)
            #expect(seen.words == nil && seen.slowModeSeconds == 5)
            #expect(try await house.history().count == 1)
            try ChatView.schema.validate(try JSON.decode(from: try JSON.text(view)))
        },
        Clause("slow mode lets everybody wait but moderators") { house in
            _ = try await house.service().update(house.session, ChatChange(slowModeSeconds: 10), by: house.owner)
            let said = try await house.say("One")
            #expect(try await refusal { try await house.say("Two") } == "slow_mode")
            _ = try await house.say("Me too", by: house.bob)
            for text in ["Order", "order"] { _ = try await house.say(text, by: house.owner) }
            // Who takes it back has spoken nevertheless.
            try await house.service().delete(said.id, in: house.session, by: house.ann)
            #expect(try await refusal { try await house.say("Two") } == "slow_mode")
            house.clock.advance(by: .seconds(10))
            _ = try await house.say("Two")
        },
        Clause("words that are not wanted are refused, in changes too") { house in
            _ = try await house.service().update(house.session, ChatChange(words: ["darn"]), by: house.owner)
            #expect(try await refusal { try await house.say("DARN it") } == "word_refused")
            let said = try await house.say("darning socks")
            #expect(
                try await refusal { try await house.service().edit(said.id, to: "darn", in: house.session, by: house.ann) } == "word_refused")
        },
        Clause("who is muted reads only, until the time is over or they are let speak") { house in
            let service = house.service()
            let said = try await house.say("Hello")
            let until = house.clock.now() + .seconds(60)
            let mute = try await service.mute(house.ann.person, in: house.session, until: until)
            #expect(mute.person.name == "Ann" && mute.until == until)
            #expect(try await refusal { try await house.say("More") } == "muted")
            #expect(
                try await refusal { try await service.type(CommunityEvents.typing, in: house.session, by: house.ann) } == "muted")
            let view = try await service.view(house.session, for: house.ann)
            #expect(view.isMuted && view.mutedUntil == until)
            #expect(try await house.list().count == 1)
            try await service.delete(said.id, in: house.session, by: house.ann)
            _ = try await house.say("More", by: house.bob)
            house.clock.advance(by: .seconds(60))
            _ = try await house.say("More")
            #expect(try await service.mutes(of: house.session, after: nil, limit: 10).items.isEmpty)
            // For good.
            _ = try await service.mute(house.ann.person, in: house.session, until: nil)
            house.clock.advance(by: .seconds(1000 * 86_400))
            #expect(try await refusal { try await house.say("More") } == "muted")
            try await service.unmute(house.ann.person, in: house.session)
            _ = try await house.say("More")
        },
        Clause("a moderator speaks whether muted or not") { house in
            _ = try await house.service().mute(house.owner.person, in: house.session, until: nil)
            _ = try await house.say("Order", by: house.owner)
            #expect(try await !house.service().view(house.session, for: house.owner).isMuted)
        },
        Clause("only whom the session knows can be muted, and only so many") { house in
            let service = house.service { $0.mutes = 1 }
            let strangers = [Person.user(UserID(house.session)), .guest(GrantID(house.session))]
            for stranger in strangers {
                #expect(try await refusal { try await service.mute(stranger, in: house.session, until: nil) } == "not_found")
            }
            let past = house.clock.now()
            #expect(try await refusal { try await service.mute(house.ann.person, in: house.session, until: past) } == "invalid_field")
            _ = try await service.mute(house.ann.person, in: house.session, until: past + .seconds(1))
            #expect(try await refusal { try await service.mute(house.bob.person, in: house.session, until: nil) } == "too_many_mutes")
            // Whose time is over makes room.
            house.clock.advance(by: .seconds(1))
            _ = try await service.mute(house.bob.person, in: house.session, until: nil)
        },
        Clause("the muted are listed in pages, the latest first") { house in
            let service = house.service()
            for person in [house.ann, house.bob, house.owner] {
                _ = try await service.mute(person.person, in: house.session, until: nil)
                house.clock.advance(by: .seconds(1))
            }
            let first = try await service.mutes(of: house.session, after: nil, limit: 2)
            let cursor = try Cursor(try #require(first.nextCursor))
            let second = try await service.mutes(of: house.session, after: cursor, limit: 2)
            #expect((first.items + second.items).map(\.person.id) == [house.owner, house.bob, house.ann].map(\.person.id))
            #expect(second.nextCursor == nil)
        },
        Clause("of a session that is gone for good nothing is left here") { house in
            for number in 1...3 {
                let said = try await house.say("\(number)")
                try await house.service().react("👍", isAdded: true, to: said.id, in: house.session, by: house.bob)
            }
            _ = try await house.service().markRead(house.session, through: 3, by: house.bob)
            _ = try await house.service().mute(house.bob.person, in: house.session, until: nil)
            let other = SessionID(at: Timestamp(milliseconds: 9))
            house.neighbours.state.withLock { $0.active[other] = true }
            _ = try await house.service().send(Draft(text: "Elsewhere"), to: other, by: house.owner)
            var rounds = 0
            while try await house.database.write({ tx in
                try ChatBelongings().removeSome(of: house.session, limit: 2, in: tx)
            }) { rounds += 1 }
            #expect(rounds == 2)
            for table in ["chats", "chat_messages", "chat_reactions", "chat_reads", "chat_mutes"] {
                let count = try await house.database.read { tx in
                    try tx.first(SQL(stringLiteral: "SELECT COUNT(*) AS rows_left FROM \(table)"))?.get("rows_left", as: Int.self)
                }
                #expect(count == (["chats", "chat_messages"].contains(table) ? 1 : 0), "\(table)")
            }
        },
    ]
}
