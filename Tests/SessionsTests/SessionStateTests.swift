import Core
import Database
import Testing

@testable import Sessions

@Suite("The state of a session, for starting over")
struct SessionStateTests {
    @Test("is what the caller would read: the newest photos, plain paths, and of hidden things only what it may see")
    func views() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let guest = Principal.guest(try await house.sessions.enter(session.id, code: "one-1", name: nil, address: "192.0.2.1").1)
            for number in 0...SessionState.pageSize { try await add(number, to: session.id, isShown: number > 0, house) }
            let state = SessionState(sessions: house.sessions, photos: house.photos)
            let (seen, desk) = (try await state.state(of: session.id, for: guest), try await state.state(of: session.id, for: owner))
            #expect(seen["session"]?["photoCount"] == .integer(Int64(SessionState.pageSize)))
            #expect(seen["session"]?["accessCode"] == nil && desk["session"]?["accessCode"] == "one-1")
            #expect(seen["photos"]?["nextCursor"] == nil && desk["photos"]?["nextCursor"] != nil)
            for view in [seen, desk] {
                guard case .array(let photos) = view["photos"]?["items"] else { throw Problem.internalError }
                #expect(photos.count == SessionState.pageSize)
                #expect(try JSON.text(view).contains("?grant=") == false)
            }
        }
    }

    @Test("is nobody's who may not see the session")
    func strangers() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", owner: owner.userID!)
            let state = SessionState(sessions: house.sessions, photos: house.photos)
            let stranger = try await house.photographer("bob")
            for (principal, status) in [(stranger, 404), (Principal.anonymous, 401)] {
                let error = await #expect(throws: Problem.self) { try await state.state(of: session.id, for: principal) }
                #expect(error?.status == status)
            }
            try await house.sessions.delete(session.id)
            let error = await #expect(throws: Problem.self) { try await state.state(of: session.id, for: owner) }
            #expect(error?.status == 404)
        }
    }

    private func add(_ number: Int, to session: SessionID, isShown: Bool, _ house: TestHouse) async throws {
        house.clock.advance(by: .seconds(1))
        let upload = house.upload(into: session, sha256: String(repeating: "0", count: 62) + "\(10 + number)")
        try await house.database.write { tx in
            _ = try house.intake.completed(upload, in: tx)
            guard isShown else { return }
            try house.intake.inspected(house.job(upload), PhotoIntakeTests.facts, in: tx)
            try house.intake.thumbnailReady(house.job(upload), in: tx)
        }
    }
}
