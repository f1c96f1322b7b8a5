import Core
import Logging
import Synchronization
import Testing

@testable import Sessions

/// Keeps so many things of every session.
private final class Attic: SessionBelongings {
    let left = Mutex<[SessionID: Int]>([:])

    func removeSome(of session: SessionID, limit: Int, in transaction: any Transaction) throws -> Bool {
        left.withLock { left in
            left[session] = (left[session] ?? 3) - 1
            return left[session] != 0
        }
    }
}

@Suite struct `What other features keep of a session` {
    @Test func `goes with it, all of it, once the session is gone for good`() async throws {
        try await TestHouse.with { house in
            let owner = try #require(try await house.photographer().userID)
            let (gone, kept) = (try await house.sessions.create(title: "One", owner: owner), try await house.sessions.create(title: "Two", owner: owner))
            let attics = [Attic(), Attic()]
            let purger = SessionPurger(
                database: house.database, objects: house.objects, renditions: house.renditions, clock: house.clock,
                logger: Logger(label: "test"), belongings: attics)
            try await house.sessions.delete(gone.id)
            try await purger.purge()
            #expect(attics.allSatisfy { $0.left.withLock { $0.isEmpty } })
            house.clock.advance(by: .seconds(8 * 86_400))
            try await purger.purge()
            for attic in attics { #expect(attic.left.withLock { $0[gone.id] == 0 && $0[kept.id] == nil }) }
        }
    }

    @Test func `a chat learns whether the session goes on, and which photos everybody sees`() async throws {
        try await TestHouse.with { house in
            let (session, uploads) = try await house.session(photos: 1)
            let (door, photo) = (house.door, PhotoID(try #require(uploads.first).id))
            func facts() async throws -> (active: Bool?, shown: Bool, elsewhere: Bool) {
                try await house.database.read { tx in
                    (
                        try door.isActive(session.id, transaction: tx), try door.isShown(photo, in: session.id, transaction: tx),
                        try door.isShown(photo, in: SessionID(photo), transaction: tx)
                    )
                }
            }
            #expect(try await facts() == (true, false, false))
            try await house.database.write { tx in _ = try PhotoStore().setThumbed(photo, at: house.clock.now(), tx) }
            #expect(try await facts() == (true, true, false))
            _ = try await house.sessions.update(session.id, try JSON.decode(from: #"{"status":"ended"}"#))
            #expect(try await facts().active == false)
            try await house.sessions.delete(session.id)
            #expect(try await facts().active == nil)
        }
    }
}
