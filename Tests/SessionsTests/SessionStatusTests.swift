import Accounts
import Core
import Testing

@testable import Sessions

@Suite struct `The status of a session` {
    private static let now = Timestamp(milliseconds: 1_795_000_000_000)

    private static func session(_ status: Session.Status) -> Session {
        var session = Session(
            id: SessionID(at: now), ownerID: UserID(at: now), title: "One", about: "", status: status, accessCode: "one-1",
            settings: SessionSettings(), createdAt: now, updatedAt: now)
        if status == .archived { session.history.statusBefore = .paused }
        return session
    }

    private static let all = Session.Status.allCases.flatMap { from in Session.Status.allCases.map { (from, $0) } }

    @Test(arguments: all)
    func `turns into those that follow it, and no others`(from: Session.Status, to: Session.Status) throws {
        let next: [Session.Status: [Session.Status]] = [
            .active: [.paused, .ended], .paused: [.active, .ended], .ended: [.active], .archived: [],
        ]
        var session = Self.session(from)
        guard from == to || next[from, default: []].contains(to) else {
            let error = #expect(throws: Problem.self) { try session.turn(to: to, at: Self.now) }
            #expect(error?.code == "status_transition" && error?.status == 409 && session.status == from)
            return
        }
        try session.turn(to: to, at: Self.now)
        #expect(session.status == to)
        #expect(session.history.endedAt == (from != to && to == .ended ? Self.now : nil))
    }

    @Test(arguments: Session.Status.allCases)
    func `is brought back when an archived session is restored`(status: Session.Status) throws {
        var session = Self.session(status)
        if status == .archived {
            #expect(throws: Problem.self) { try session.archive(at: Self.now) }
        } else {
            #expect(throws: Problem.self) { try session.restore(at: Self.now) }
            try session.archive(at: Self.now)
            #expect(session.status == .archived && session.history.endedAt == Self.now)
        }
        try session.restore(at: Self.now)
        #expect(session.status == (status == .archived ? .paused : status))
        #expect(session.history.endedAt == (status == .ended ? Self.now : nil))
    }

    @Test(arguments: [
        (Session.Status.active, nil, nil), (.paused, nil, "session_paused"), (.ended, "session_ended", "session_ended"),
        (.archived, "session_archived", "session_archived"),
    ] as [(Session.Status, String?, String?)])
    func `says whose files come in`(status: Session.Status, staff: String?, guest: String?) {
        for (isGuest, expected) in [(false, staff), (true, guest)] {
            var code: String?
            do { try Self.session(status).requireUploads(byGuest: isGuest) } catch { code = (error as? Problem)?.code }
            #expect(code == expected)
        }
    }

    @Test func `lets no guest upload where the owner does not want that`() {
        var session = Self.session(.active)
        session.settings.guestUpload = false
        let error = #expect(throws: Problem.self) { try session.requireUploads(byGuest: true) }
        #expect(error?.code == "guest_upload_off" && error?.status == 403)
        #expect(throws: Never.self) { try session.requireUploads(byGuest: false) }
    }

    @Test(arguments: [
        (nil, nil, [.view, .download], true), (10, nil, [.view], false), (10, nil, [.upload], true), (10, nil, [.view, .upload], false),
        (0, nil, [.view], true), (-10, 10, [.view], true), (nil, 0, [.view], false), (nil, -1, [.upload], false),
    ] as [(Int?, Int?, Rights, Bool)])
    func `and its dates say what guests may do now`(release: Int?, expiry: Int?, rights: Rights, isOpen: Bool) {
        var session = Self.session(.active)
        session.settings.releaseAt = release.map { Self.now + .seconds($0) }
        session.settings.expireAt = expiry.map { Self.now + .seconds($0) }
        #expect(session.open(rights, at: Self.now) == (isOpen ? rights : []))
        session.status = .archived
        #expect(session.open(rights, at: Self.now).isEmpty)
    }
}

@Suite struct `An archived session` {
    @Test(arguments: TestDriver.installed)
    func `shows guests out and lets none in, and its staff look and change nothing`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let guest = try await house.sessions.enter(session.id, code: "one-1", name: nil, address: "192.0.2.1").1
            #expect(try await house.sessions.archive(session.id, by: owner).status == .archived)
            #expect(house.accounts.grantChecker.isRevoked(guest.grantID))
            #expect(try await house.door.resource(.guest(guest), session.id) == .session(session.id, held: []))
            let refused = await #expect(throws: Problem.self) {
                try await house.sessions.enter(nil, code: "one-1", name: nil, address: "192.0.2.1")
            }
            #expect(refused?.code == "session_archived" && refused?.status == 403)
            let wrong = await #expect(throws: Problem.self) { try await house.sessions.enter(session.id, code: "one-2", name: nil, address: "a") }
            #expect(wrong?.code == "wrong_code")

            let resource = try await house.door.resource(owner, session.id)
            for action in Action.allCases {
                guard case .rights = action.requirement else { continue }
                let isQuiet = !action.changesSession
                #expect(Policy.allows(owner, action, resource) == (isQuiet ? .allow : .refuse), "\(action)")
            }
            #expect(!Action.readSession.changesSession && !Action.archiveSession.changesSession && !Action.deleteSession.changesSession)
            #expect(Action.updateSession.changesSession && Action.continueUpload.changesSession && Action.sendMessage.changesSession)
            #expect(Policy.allows(try await house.photographer("bob"), .updateSession, .session(session.id, held: [])) == .hide)
            await #expect(throws: Problem.sessionArchived) {
                try await house.door.admit(house.upload(into: session.id).declaration, from: owner)
            }
            let restored = try await house.sessions.restore(session.id, by: owner)
            #expect(restored.status == .active)
            _ = try await house.sessions.enter(session.id, code: "one-1", name: nil, address: "192.0.2.1")
            #expect(house.accounts.grantChecker.isRevoked(guest.grantID), "who was shown out comes in anew")
        }
    }

    @Test func `lets people go, and takes none in`() async throws {
        try await TestHouse.with { house in
            let (owner, ada) = try await (house.photographer("owner"), house.photographer("ada"))
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            _ = try await house.sessions.addMember(NewMember(email: nil, userId: ada.userID, role: .editor), to: session.id, by: owner)
            _ = try await house.sessions.archive(session.id, by: owner)
            for person in [owner, ada] {
                let resource = try await house.door.resource(person, session.id)
                #expect(Policy.allows(person, .leaveSession, resource) == .allow)
            }
            let resource = try await house.door.resource(owner, session.id)
            #expect(Policy.allows(owner, .manageGuests, resource) == .allow)
            #expect(Policy.allows(owner, .manageMembers, resource) == .refuse)
            try await house.sessions.removeMember(ada.userID, of: session.id, by: owner, holding: .owner)
            #expect(try await house.door.resource(ada, session.id) == .session(session.id, held: []))
        }
    }

    @Test func `is told of, to guests no more than guests may know`() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            _ = try await house.put(session.id, #"{"title":"Two","settings":{"showLocation":true}}"#)
            _ = try await house.sessions.archive(session.id, by: owner)
            #expect(try await house.told(.desk(session.id)).count == 2)
            let views = try await house.told(.session(session.id))
            #expect(views.map(\.status) == [.active, .archived] && views.allSatisfy { $0.title == "Two" && $0.rights == ["view"] })
            #expect(views.allSatisfy { $0.settings == nil && $0.accessCode == nil && $0.galleryPath == nil })
            #expect(try await house.told(.desk(session.id)).first?.settings?.showLocation == true)
        }
    }
}

@Suite struct `Release and expiry` {
    @Test(arguments: TestDriver.installed)
    func `keep guests out and show out those who are in`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let checker = house.accounts.grantChecker
            func enter() async throws -> GrantToken { try await house.sessions.enter(session.id, code: "one-1", name: nil, address: "a").1 }
            func set(_ member: String, _ days: Int) async throws {
                _ = try await house.put(session.id, #"{"settings":{"\#(member)":"\#(house.clock.now() + .seconds(days * 86_400))"}}"#)
            }
            func refusal() async throws -> String? {
                do { _ = try await enter() } catch let problem as Problem { return problem.code }
                return nil
            }
            let early = try await enter()
            try await set("releaseAt", 2)
            #expect(checker.isRevoked(early.grantID))
            #expect(try await refusal() == "not_released")
            house.clock.advance(by: .seconds(2 * 86_400))
            let late = try await enter()
            try await set("expireAt", 60)
            #expect(!checker.isRevoked(late.grantID), "the token ends before that anyway")
            try await set("expireAt", 3)
            #expect(checker.isRevoked(late.grantID))
            let short = try await enter()
            #expect(short.expiresAt == house.clock.now() + .seconds(3 * 86_400))
            house.clock.advance(by: .seconds(3 * 86_400))
            #expect(try await refusal() == "session_expired")
            #expect(try await house.door.resource(.guest(short), session.id) == .session(session.id, held: []))
            #expect(try await house.door.resource(owner, session.id) == .session(session.id, held: .owner))
        }
    }
}

extension TestHouse {
    /// What a topic was told of the session itself.
    func told(_ topic: Topic) async throws -> [SessionView] {
        let rows = try await database.read { tx in
            try tx.query("SELECT data FROM outbox WHERE topic = \(topic.name) AND name = 'session_updated' ORDER BY id")
        }
        return try rows.map { try JSON.decode(from: try $0.get("data", as: String.self)) }
    }
}
