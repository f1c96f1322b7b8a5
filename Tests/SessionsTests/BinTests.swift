import Accounts
import Core
import Foundation
import Testing

@testable import Sessions

@Suite struct `The bin of sessions` {
    @Test(arguments: TestDriver.installed)
    func `gives back what there was, with those who belonged to it`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 2)
            let owner = try #require(try await house.owner(of: session))
            let (bob, eve) = try await (house.photographer("bob"), house.photographer("eve"))
            for person in [bob, eve] {
                _ = try await house.sessions.addMember(
                    NewMember(email: nil, userId: person.userID, role: .editor), to: session.id, by: owner)
            }
            try await house.sessions.removeMember(eve.userID, of: session.id, by: owner, holding: .owner)
            let guest = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a").1
            try await house.sessions.delete(session.id, by: owner)
            #expect(try await house.work().isEmpty)
            #expect(try await house.sessions.list(try SessionWish(["deleted": "true"]), for: owner, after: nil, limit: 9).items.map(\.id) == [session.id])
            for person in [bob, eve] {
                let error = await #expect(throws: Problem.self) { try await house.sessions.undelete(session.id, by: person) }
                #expect(error?.status == 404)
            }
            let back = try await house.sessions.undelete(session.id, by: owner)
            #expect(back.accessCode == "one-1" && back.photoCount == 2 && back.deletedAt == nil)
            #expect(try await house.door.resource(owner, session.id) == .session(session.id, held: .owner))
            #expect(try await house.door.resource(bob, session.id) == .session(session.id, held: MemberRole.editor.rights))
            #expect(try await house.door.resource(eve, session.id) == .session(session.id, held: []))
            #expect(house.accounts.grantChecker.isRevoked(guest.grantID))
            try await house.renderingService().feed()
            #expect(Set(try await house.work().keys) == Set(uploads.map { OriginalID($0.id) }))
            await #expect(throws: Problem.self) { try await house.sessions.undelete(session.id, by: owner) }
        }
    }

    @Test func `gives another code where the old one is taken, and nothing once it is too late`() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            try await house.sessions.delete(session.id)
            _ = try await house.sessions.create(title: "Two", accessCode: "ONE-1", owner: owner.userID!)
            let back = try await house.sessions.undelete(session.id, by: owner)
            #expect(back.accessCode?.count == 6 && back.accessCode != "one-1")
            try await house.sessions.delete(session.id)
            house.clock.advance(by: SessionPurger.grace)
            await #expect(throws: Problem.notFound("session")) { try await house.sessions.undelete(session.id, by: owner) }
        }
    }

    @Test(arguments: TestDriver.installed)
    func `takes what was on its way, and has it processed once the session is back`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            let (raw, jpeg, single) = (shoot.file("IMG_1.CR3"), shoot.file("IMG_1.JPG"), shoot.file("IMG_2.JPG"))
            try await shoot.send(raw)
            try await house.sessions.delete(shoot.session)
            #expect(try await shoot.send(jpeg) == .created(PhotoID(raw.id)))
            #expect(try await shoot.send(single) == .created(PhotoID(single.id)))
            #expect(try await shoot.send(shoot.file("COPY.JPG", sha256: single.sha256)) == .duplicate(of: PhotoID(single.id)))
            #expect(try await shoot.queued().isEmpty)
            #expect(try await house.sessions.undelete(shoot.session, by: shoot.owner).photoCount == 2)
            try await house.renderingService().feed()
            #expect(try await Set(shoot.queued()) == [jpeg.id.description, single.id.description])
            try await house.workThrough()
            #expect(try await shoot.photos().map(\.status) == [.ready, .ready])
        }
    }

    @Test func `takes nothing any more once it is too late`() async throws {
        try await TestHouse.with { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            let late = shoot.file("IMG_1.JPG")
            try await house.sessions.delete(shoot.session)
            house.clock.advance(by: SessionPurger.grace)
            await #expect(throws: Problem.notFound("session")) { try await shoot.send(late) }
        }
    }

    @Test func `does not give back what goes again by itself`() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            _ = try await house.put(session.id, #"{"status":"ended","settings":{"retention":{"archiveAfterDays":0,"deleteAfterDays":0}}}"#)
            try await house.sessions.delete(session.id)
            house.clock.advance(by: .seconds(86_400))
            let back = try await house.sessions.undelete(session.id, by: owner)
            #expect(back.settings?.retention == Retention(archiveAfterDays: 0, deleteAfterDays: nil))
            #expect(try await house.database.read { try $0.exists("SELECT id FROM sessions WHERE due_at IS NOT NULL") } == false)
        }
    }
}

@Suite struct `A session made like another` {
    @Test(arguments: TestDriver.installed)
    func `has its settings, its watermark and, if wanted, its members, and nothing else`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, _) = try await house.session(photos: 1)
            let owner = try #require(try await house.owner(of: session))
            let bob = try await house.photographer("bob")
            _ = try await house.sessions.addMember(
                NewMember(email: nil, userId: bob.userID, role: .photographer), to: session.id, by: owner)
            let picture = String(repeating: "c", count: 64)
            try await house.database.write { tx in
                try WatermarkPictureStore().add(Data([1]), picture, to: session.id, inUse: [], at: house.clock.now(), tx)
            }
            _ = try await house.put(
                session.id,
                """
                {"type":"wedding","language":"de","place":"Here","settings":{"downloads":"none","review":"all",
                 "releaseAt":"2027-01-01T00:00:00Z","watermark":{"picture":"\(picture)","opacity":50}}}
                """)
            let plain = try await house.sessions.duplicate(session.id, as: SessionCopy(title: "Two", members: nil), by: owner)
            #expect(plain.title == "Two" && plain.type == .wedding && plain.language == "de" && plain.place == nil && plain.photoCount == 0)
            #expect(plain.settings?.downloads == SessionSettings.Downloads.none && plain.settings?.review == .all && plain.settings?.releaseAt == nil)
            #expect(plain.accessCode != nil && plain.accessCode != session.accessCode && plain.status == .active)
            #expect(plain.settings?.watermark?.picture == picture)
            #expect(try await house.database.read { tx in try WatermarkPictureStore().picture(picture, of: plain.id, transaction: tx) } == Data([1]))
            #expect(try await house.sessions.members(of: plain.id, after: nil, limit: 9).items.map(\.userId) == [owner.userID])
            let whole = try await house.sessions.duplicate(session.id, as: SessionCopy(title: "Three", members: true), by: owner)
            #expect(try await house.sessions.members(of: whole.id, after: nil, limit: 9).items.map(\.userId).count == 2)
            #expect(try await house.door.resource(bob, whole.id) == .session(whole.id, held: MemberRole.photographer.rights))
        }
    }
}

extension TestHouse {
    func owner(of session: SessionView) async throws -> Principal? {
        try await accounts.accounts.user(session.ownerId).map { .user($0.id, role: $0.role, device: DeviceID(at: clock.now())) }
    }
}
