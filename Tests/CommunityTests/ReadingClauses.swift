import Core
import Synchronization
import TestSupport
import Testing

@testable import Community

enum ReadingClauses {
    typealias Clause = ChatContract.Clause

    static let all = [
        Clause("messages are listed in pages, the newest first, between two places") { house in
            for number in 1...7 { _ = try await house.say("\(number)") }
            let service = house.service()
            var pages: [[Int64]] = []
            var before = Int64.max
            while true {
                let page = try await service.list(house.session, after: 1, before: before, limit: 4, for: house.ann)
                pages.append(page.items.map(\.sequence))
                guard let cursor = page.nextCursor else { break }
                before = try Cursor(cursor).key
            }
            #expect(pages == [[7, 6, 5, 4], [3, 2]])
            try Page<MessageView>.schema.validate(
                try JSON.decode(from: try JSON.text(try await service.list(house.session, after: 0, before: 3, limit: 4, for: house.bob))))
        },
        Clause("what was said about a photo is listed by itself, the newest first, without what was taken back") { house in
            let (service, photo, other) = (house.service(), PhotoID(at: house.clock.now()), PhotoID(at: house.clock.now()))
            house.neighbours.state.withLock { for id in [photo, other] { $0.shown[id] = house.session } }
            for (text, about) in [("1", photo), ("2", other), ("3", photo), ("4", photo)] {
                house.clock.advance(by: .seconds(10))
                let (view, isNew) = try await service.comment(Draft(text: text, photoID: about), in: house.session, by: house.ann)
                #expect(isNew && view.photoId == about)
            }
            _ = try await house.say("5")
            let gone = try await service.list(house.session, about: photo, after: 0, before: .max, limit: 1, for: house.bob)
            #expect(gone.items.map(\.text) == ["4"])
            try await service.delete(gone.items[0].id, in: house.session, by: house.owner)
            let rest = try await service.list(
                house.session, about: photo, after: 0, before: try Cursor(gone.nextCursor ?? "").key, limit: 5, for: house.bob)
            #expect(rest.items.map(\.text) == ["3", "1"] && rest.nextCursor == nil)
            #expect(try await service.list(house.session, about: photo, after: 0, before: .max, limit: 5, for: house.bob).items.count == 2)
        },
        Clause("nobody is told what was said about a photo that they are not shown, nor says anything about it") { house in
            let (service, photo) = (house.service(), PhotoID(at: house.clock.now()))
            let listing = try await refusal {
                try await service.list(house.session, about: photo, after: 0, before: .max, limit: 5, for: house.ann)
            }
            #expect(listing == "not_found")
            let seen = try await service.list(house.session, about: photo, after: 0, before: .max, limit: 5, for: house.owner)
            #expect(seen.items.isEmpty)
            for speaker in [house.ann, house.owner] {
                let saying = try await refusal {
                    try await service.comment(Draft(text: "Hm", photoID: photo), in: house.session, by: speaker).view
                }
                #expect(saying == "not_found")
            }
        },
        Clause("a chat that nobody has touched is open and empty") { house in
            let view = try await house.service().view(house.session, for: house.ann)
            #expect(view.isOn && view.lastSequence == 0 && view.unread == 0 && !view.isModerator && view.words == nil)
            #expect(try await house.list().isEmpty)
            #expect(try await house.service().markRead(house.session, through: 5, by: house.ann).sequence == 0)
            #expect(try await house.history().isEmpty)
        },
        Clause("what is read never goes back, nor beyond what there is") { house in
            for number in 1...3 { _ = try await house.say("\(number)", by: house.ann) }
            _ = try await house.say("4", by: house.owner)
            let service = house.service()
            #expect(try await service.view(house.session, for: house.owner).unread == 3)
            #expect(try await service.view(house.session, for: house.ann).unread == 1)
            let marks: [(asked: Int64, read: Int64, unread: Int)] = [(2, 2, 1), (1, 2, 1), (100, 4, 0), (3, 4, 0)]
            for mark in marks {
                let view = try await service.markRead(house.session, through: mark.asked, by: house.owner)
                #expect((view.sequence, view.unread) == (mark.read, mark.unread), "\(mark.asked)")
            }
            // Told only when it goes on, and to nobody else.
            let topic = Topic.user(try #require(house.owner.person.userID))
            let told = house.publisher.sent.filter { $0.topic == topic }
            #expect(try told.map { try JSON.decode(ReadView.self, from: $0.data).sequence } == [2, 4])
            #expect(Set(told.map(\.key)).count == 1)
            _ = try await service.markRead(house.session, through: 4, by: house.bob)
            #expect(try await house.history().allSatisfy { $0.name == "new_message" })
        },
        Clause("what was taken back is not unread") { house in
            let said = try await house.say("Hello", by: house.bob)
            #expect(try await house.service().view(house.session, for: house.ann).unread == 1)
            try await house.service().delete(said.id, in: house.session, by: house.bob)
            #expect(try await house.service().view(house.session, for: house.ann).unread == 0)
        },
        Clause("reactions are counted once for each person and emoji") { house in
            let said = try await house.say("Hello")
            let service = house.service()
            for (emoji, person) in [("👍", house.ann), ("👍", house.ann), ("👍", house.bob), ("🎉", house.bob)] {
                try await service.react(emoji, isAdded: true, to: said.id, in: house.session, by: person)
                house.clock.advance(by: .seconds(1))
            }
            #expect(
                try await house.list(for: house.bob).first?.reactions
                    == [.init(emoji: "👍", count: 2, isMine: true), .init(emoji: "🎉", count: 1, isMine: true)])
            try await service.react("👍", isAdded: false, to: said.id, in: house.session, by: house.ann)
            try await service.react("👍", isAdded: false, to: said.id, in: house.session, by: house.ann)
            #expect(try await house.list().first?.reactions?.first == .init(emoji: "👍", count: 1, isMine: false))
            let told = try await house.history().dropFirst().map { try JSON.decode(MessageReaction.self, from: $0.data) }
            #expect(told.map(\.isAdded) == [true, true, true, false] && told.map(\.count) == [1, 2, 1, 1])
        },
        Clause("a message has so many kinds of reactions") { house in
            let said = try await house.say("Hello")
            let service = house.service { $0.reactions = 2 }
            for emoji in ["👍", "🎉"] { try await service.react(emoji, isAdded: true, to: said.id, in: house.session, by: house.ann) }
            #expect(
                try await refusal { try await service.react("🔥", isAdded: true, to: said.id, in: house.session, by: house.ann) }
                    == "too_many_reactions")
            // One that is there can be joined.
            try await service.react("🎉", isAdded: true, to: said.id, in: house.session, by: house.bob)
        },
        Clause("who types is told of to the others, and kept nowhere") { house in
            let service = house.service()
            try await service.type(CommunityEvents.typing, in: house.session, by: house.ann)
            try await service.type(CommunityEvents.stopTyping, in: house.session, by: house.ann)
            let sent = house.publisher.sent
            #expect(sent.map(\.name) == ["typing", "stop_typing"])
            #expect(Set(sent.map(\.key)) == [house.ann.person.text] && sent[0].topic == .session(house.session))
            for event in sent { try TypingNews.schema.validate(try JSON.decode(from: event.data)) }
            #expect(try await house.history().isEmpty)
            let hasty = house.service { $0.signals = RateLimit(burst: 1, interval: .seconds(1)) }
            try await hasty.type(CommunityEvents.typing, in: house.session, by: house.ann)
            #expect(
                try await refusal { try await hasty.type(CommunityEvents.typing, in: house.session, by: house.ann) } == "too_many_requests")
        },
    ]
}
