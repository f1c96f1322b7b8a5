import Broker
import Core
import Testing

@testable import Sessions

@Suite struct `A photo that displays another file than before` {
    @Test(arguments: TestDriver.installed, SessionSettings.Review.allCases)
    func `is seen by guests once somebody has looked at that, where the session wants it`(
        driver: TestDriver, review: SessionSettings.Review
    ) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            _ = try await house.put(shoot.session, #"{"settings":{"review":"\#(review.rawValue)"}}"#)
            let (raw, jpeg) = (shoot.file("IMG_1.CR3"), shoot.file("IMG_1.JPG"))
            let id = PhotoID(raw.id)
            try await shoot.send(raw)
            try await shoot.process(raw, of: id)
            try await shoot.perform(.review(.approved, note: "fine"), on: id)
            #expect(try await house.shown(id))
            try await shoot.send(jpeg)
            let view = try #require(try await shoot.photos().first)
            let isAsked = review == .all
            #expect(view.review == (isAsked ? .pending : .approved) && view.reviewNote == (isAsked ? nil : "fine"))
            #expect(try await house.shown(id) != isAsked)
            let told = try await house.broker.history(of: .session(shoot.session), after: 0, limit: 100).events.map(\.event)
            #expect((told.last { $0.name != "session_updated" }?.name == "photo_deleted") == isAsked)
            #expect(told.contains { $0.data.contains("/media/") } != isAsked)
            #expect(try await house.events(.desk(shoot.session)).last == "photo_status_updated")
            try await shoot.process(jpeg, of: id)
            #expect(try await house.shown(id) != isAsked)
            try await shoot.perform(.review(.approved, note: nil), on: id)
            #expect(try await house.shown(id))
        }
    }
}

extension TestHouse {
    /// Whether guests see a photo.
    fileprivate func shown(_ photo: PhotoID) async throws -> Bool {
        try await database.read { tx in try PhotoStore().find(photo, tx)?.shownAt != nil }
    }
}
