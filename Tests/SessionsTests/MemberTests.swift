import Accounts
import Broker
import Core
import Synchronization
import Testing

@testable import Sessions

@Suite struct `Those who belong to a session` {
    @Test(arguments: TestDriver.installed)
    func `are taken in by email or id, do what their role says, and are let go`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (owner, ada, bob) = try await (house.photographer("owner"), house.photographer("ada"), house.photographer("bob"))
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            house.clock.advance(by: .seconds(1))
            let first = try await house.sessions.addMember(
                NewMember(email: "ADA@example.org", role: .photographer), to: session.id, by: owner)
            #expect(first.userId == ada.userID && first.role == .photographer && first.name == "ada")
            house.clock.advance(by: .seconds(1))
            _ = try await house.sessions.addMember(NewMember(userId: bob.userID, role: .editor), to: session.id, by: owner)
            let expected: [(Principal, Rights, SessionRole)] = [
                (owner, .owner, .owner), (ada, [.view, .original, .upload, .desk, .download, .select], .photographer),
                (bob, [.view, .original, .desk, .download, .select, .edit], .editor),
            ]
            for (person, rights, role) in expected {
                #expect(try await house.door.resource(person, session.id) == .session(session.id, held: rights))
                #expect(try await house.sessions.list(for: person, after: nil, limit: 9).items.map(\.role) == [role])
            }
            let page = try await house.sessions.members(of: session.id, after: nil, limit: 2)
            let rest = try await house.sessions.members(of: session.id, after: try Cursor(try #require(page.nextCursor)), limit: 2)
            #expect((page.items + rest.items).map(\.userId) == [owner, ada, bob].map(\.userID) && rest.nextCursor == nil)

            let changed = try await house.sessions.changeMember(ada.userID!, of: session.id, to: .editor, by: owner)
            #expect(changed.role == .editor)
            #expect(try await house.sessions.members(of: session.id, after: nil, limit: 9).items.count == 3)

            let token = try #require(try await house.door.mediaToken(of: ada, for: session.id))
            try await house.sessions.removeMember(ada.userID, of: session.id, by: owner, holding: .owner)
            #expect(house.accounts.grantChecker.check(token) == nil)
            #expect(try await house.door.resource(ada, session.id) == .session(session.id, held: []))
            try await house.sessions.removeMember(bob.userID, of: session.id, by: bob, holding: MemberRole.editor.rights)
            try await house.sessions.removeMember(bob.userID, of: session.id, by: owner, holding: .owner)
            #expect(try await house.sessions.members(of: session.id, after: nil, limit: 9).items.map(\.userId) == [owner.userID])
            #expect(try await house.notices(ada.userID!) == [.photographer, .editor, nil])
            #expect(try await house.notices(bob.userID!) == [.editor, nil])
            let log = try await house.sessions.audit(of: session.id, after: nil, limit: 9).items.map(\.action)
            #expect(log == ["member_removed", "member_removed", "member_changed", "member_added", "member_added", "session_created"])
        }
    }

    @Test func `are known to be gone by every node at once`() async throws {
        try await TestHouse.with { house in
            let (owner, ada) = try await (house.photographer("owner"), house.photographer("ada"))
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            let heard = Mutex<[MembershipEnd]>([])
            house.broker.listen(for: MembershipEnd.nudge) { text in
                if let end: MembershipEnd = try? JSON.decode(from: text) { heard.withLock { $0.append(end) } }
            }
            _ = try await house.sessions.addMember(NewMember(userId: ada.userID, role: .editor), to: session.id, by: owner)
            try await house.sessions.removeMember(ada.userID, of: session.id, by: owner, holding: .owner)
            #expect(heard.withLock { $0 } == [MembershipEnd(user: ada.userID!, session: session.id)])
        }
    }

    @Test func `are refused where that makes no sense, and addresses are not tried without end`() async throws {
        try await TestHouse.with { house in
            let (owner, ada) = try await (house.photographer("owner"), house.photographer("ada"))
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            func refusal(_ body: () async throws -> Void) async throws -> String? {
                do { try await body() } catch let problem as Problem { return problem.code }
                return nil
            }
            let sessions = house.sessions
            let wrong: [(NewMember, String)] = [
                (NewMember(role: .editor), "invalid_field"), (NewMember(email: "a@b", userId: ada.userID, role: .editor), "invalid_field"),
                (NewMember(userId: owner.userID, role: .editor), "already_member"),
                (NewMember(userId: UserID(session.id), role: .editor), "unknown_account"),
            ]
            for (input, code) in wrong {
                #expect(try await refusal { _ = try await sessions.addMember(input, to: session.id, by: owner) } == code)
            }
            #expect(try await refusal { try await sessions.removeMember(owner.userID, of: session.id, by: owner, holding: .owner) } == "is_owner")
            #expect(try await refusal { try await sessions.removeMember(owner.userID, of: session.id, by: ada, holding: .view) } == "forbidden")
            #expect(try await refusal { _ = try await sessions.changeMember(ada.userID!, of: session.id, to: .editor, by: owner) } == "not_found")
            #expect(try await refusal { _ = try await sessions.handOver(session.id, to: ada.userID!, by: owner) } == "invalid_field")
            var codes: [String?] = []
            for number in 0..<12 {
                codes.append(try await refusal {
                    _ = try await sessions.addMember(NewMember(email: "nobody\(number)@example.org", role: .editor), to: session.id, by: owner)
                })
            }
            #expect(codes.first == "unknown_account" && codes.last == "too_many_requests")
        }
    }

    @Test(arguments: TestDriver.installed)
    func `can be given the session`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (owner, ada) = try await (house.photographer("owner"), house.photographer("ada"))
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            house.clock.advance(by: .seconds(1))
            _ = try await house.sessions.addMember(NewMember(userId: ada.userID, role: .editor), to: session.id, by: owner)
            let view = try await house.sessions.handOver(session.id, to: ada.userID!, by: owner)
            #expect(view.ownerId == ada.userID && view.role == .photographer && view.settings != nil)
            #expect(try await house.door.resource(ada, session.id) == .session(session.id, held: .owner))
            #expect(try await house.sessions.members(of: session.id, after: nil, limit: 9).items.map(\.role) == [.photographer, .owner])
            #expect(try await house.notices(owner.userID!) == [.photographer])
            #expect(try await house.notices(ada.userID!) == [.editor, .owner])
        }
    }
}

extension NewMember {
    fileprivate init(email: String, role: MemberRole) { self.init(email: email, userId: nil, role: role) }
    fileprivate init(userId: UserID?, role: MemberRole) { self.init(email: nil, userId: userId, role: role) }
    fileprivate init(role: MemberRole) { self.init(email: nil, userId: nil, role: role) }
}

extension TestHouse {
    /// What an account was told to be in sessions.
    fileprivate func notices(_ user: UserID) async throws -> [SessionRole?] {
        let rows = try await database.read { tx in
            try tx.query("SELECT data FROM outbox WHERE topic = \(Topic.user(user).name) AND name = 'membership_changed' ORDER BY id")
        }
        return try rows.map { row in
            let notice: MembershipNotice = try JSON.decode(from: try row.get("data", as: String.self))
            return notice.role
        }
    }
}
