import Core
import Testing

@testable import Sessions

@Suite struct `What a session is about` {
    @Test(arguments: [
        ("en", "en"), ("DE-ch", "de-CH"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("gsw", "gsw"), ("sr-Latn", "sr-Latn"),
        ("e", nil), ("", nil), ("english", nil), ("en-", nil), ("en-us-x-1", nil), ("én", nil), ("de_CH", nil), ("1a", nil),
        ("en-US-POSIX", nil), ("CH-de-", nil),
    ])
    func `names its language by a short tag`(tag: String, expected: String?) {
        #expect(LanguageTag(tag)?.text == expected)
    }

    @Test(arguments: [
        (#"{"startsAt":"2027-06-01T10:00:00Z"}"#, "/timeZone"), (#"{"timeZone":"Nowhere/City"}"#, "/timeZone"),
        (#"{"timeZone":"GMT+0200"}"#, "/timeZone"), (#"{"timeZone":"../../etc/passwd"}"#, "/timeZone"), (#"{"language":"english"}"#, "/language"),
        (
            #"{"startsAt":"2027-06-01T10:00:00Z","endsAt":"2027-06-01T09:59:59.999Z","timeZone":"Europe/Berlin"}"#, "/endsAt"
        ),
        (#"{"coverPhotoId":"01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"}"#, "/coverPhotoId"),
        (#"{"settings":{"releaseAt":"2027-01-02T00:00:00Z","expireAt":"2027-01-02T00:00:00Z"}}"#, "/settings/expireAt"),
        (#"{"settings":{"retention":{"archiveAfterDays":9,"deleteAfterDays":8}}}"#, "/settings/retention/deleteAfterDays"),
    ])
    func `is refused where it cannot be`(change: String, field: String) async throws {
        try await TestHouse.with { house in
            let session = try await house.sessions.create(title: "One", owner: try await house.photographer().userID!)
            let error = await #expect(throws: Problem.self) { try await house.put(session.id, change) }
            #expect(error?.status == 422 && error?.members["field"] == .string(field))
        }
    }

    @Test(arguments: TestDriver.installed)
    func `is kept, changed and taken back member by member`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let made = try await house.sessions.create(title: "One", owner: owner.userID!)
            #expect(made.type == .event && made.place == nil && made.coverPhotoId == nil && !made.coverChosen)
            let changed = try await house.put(
                made.id,
                """
                {"type":"wedding","place":"Town hall","startsAt":"2027-06-01T10:00:00Z","endsAt":"2027-06-01T10:00:00Z",
                 "timeZone":"Europe/Berlin","language":"DE-de","settings":{"review":"all","guestUpload":false,
                 "releaseAt":"2027-06-02T00:00:00Z","retention":{"deleteAfterDays":365}}}
                """)
            #expect(changed.type == .wedding && changed.place == "Town hall" && changed.language == "de-DE")
            #expect(changed.startsAt == changed.endsAt && changed.timeZone == "Europe/Berlin")
            #expect(try await house.sessions.view(made.id, rights: .owner) == changed)
            let settings = try #require(changed.settings)
            #expect(settings.review == .all && !settings.guestUpload && settings.retention?.deleteAfterDays == 365)
            let kept = try await house.put(made.id, #"{"title":"Two","place":null,"settings":{"releaseAt":null}}"#)
            #expect(kept.place == nil && kept.type == .wedding && kept.settings?.releaseAt == nil && kept.settings?.review == .all)
        }
    }

    @Test func `outlives programs that know nothing of it`() async throws {
        try await TestHouse.with { house in
            let session = try await house.sessions.create(title: "One", owner: try await house.photographer().userID!)
            _ = try await house.put(session.id, #"{"type":"travel","status":"paused","settings":{"review":"none"}}"#)
            let written = #"{"guestDownloads":false,"showLocation":true}"#
            try await house.database.write { tx in try tx.execute("UPDATE sessions SET settings = \(written)") }
            let view = try await house.sessions.view(session.id, rights: .owner)
            #expect(view.type == .travel && view.status == .paused && view.settings?.review == Review.none && view.settings?.showLocation == true)
            // They open it again, by the only other status they know.
            try await house.database.write { tx in try tx.execute("UPDATE sessions SET status = 'active'") }
            #expect(try await house.sessions.view(session.id, rights: .owner).status == .active)
            try await house.database.write { tx in try tx.execute("UPDATE sessions SET details = NULL, state = NULL, type = NULL") }
            #expect(try await house.sessions.view(session.id, rights: .owner).type == .event)
        }
    }

    private typealias Review = SessionSettings.Review

    @Test(arguments: TestDriver.installed)
    func `has a cover that whoever looks may see`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 3)
            let photos = uploads.map { PhotoID($0.id) }
            func cover(_ rights: Rights) async throws -> (PhotoID?, Bool) {
                let view = try await house.sessions.view(session.id, rights: rights)
                return (view.coverPhotoId, view.coverChosen)
            }
            #expect(try await cover(.owner) == (nil, false))
            for photo in photos.prefix(2) {
                try await house.database.write { tx in try tx.execute("UPDATE photos SET shown_at = \(house.clock.now()) WHERE id = \(photo)") }
            }
            #expect(try await cover(.guest) == (photos[1], false))
            try await house.database.write { tx in try tx.execute("UPDATE photos SET featured = 1 WHERE id IN \(list: [photos[0], photos[2]])") }
            #expect(try await cover(.guest) == (photos[0], false))
            try await house.database.write { tx in try tx.execute("UPDATE photos SET featured = 0") }
            _ = try await house.put(session.id, #"{"coverPhotoId":"\#(photos[2])"}"#)
            #expect(try await cover(.owner) == (photos[2], true))
            #expect(try await cover(.guest) == (photos[1], false), "nobody has shown it to guests yet")
            _ = try await house.put(session.id, #"{"coverPhotoId":"\#(photos[0])"}"#)
            #expect(try await cover(.guest) == (photos[0], true))
            _ = try await house.put(session.id, #"{"coverPhotoId":null}"#)
            #expect(try await cover(.owner) == (photos[1], false))
        }
    }

    @Test(arguments: TestDriver.installed)
    func `is what lists can be searched by`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            var ids: [String: SessionID] = [:]
            for (title, change) in [
                ("Anna & Bo", #"{"type":"wedding"}"#), ("100% Harbour", #"{"status":"paused"}"#), ("Évora", #"{"type":"travel","status":"ended"}"#),
                ("Gone", "{}"),
            ] {
                house.clock.advance(by: .seconds(1))
                ids[title] = try await house.sessions.create(title: title, owner: owner.userID!).id
                _ = try await house.put(ids[title]!, change)
            }
            try await house.sessions.delete(ids["Gone"]!)
            let cases: [([String: String], [String])] = [
                ([:], ["Évora", "100% Harbour", "Anna & Bo"]), (["status": "paused"], ["100% Harbour"]), (["status": "active"], ["Anna & Bo"]),
                (["type": "wedding"], ["Anna & Bo"]), (["type": "event"], ["100% Harbour"]), (["text": "ANNA"], ["Anna & Bo"]),
                (["text": "0%"], ["100% Harbour"]), (["text": "1_0"], []), (["text": "Évo"], ["Évora"]), (["text": "\\"], []),
                (["deleted": "true"], ["Gone"]), (["deleted": "true", "text": "anna"], []), (["status": "ended", "type": "wedding"], []),
            ]
            for (query, titles) in cases {
                let page = try await house.sessions.list(try SessionWish(query), for: owner, after: nil, limit: 10)
                #expect(page.items.map(\.title) == titles, "\(query)")
            }
            let stranger = try await house.photographer("bob")
            #expect(try await house.sessions.list(try SessionWish(["deleted": "true"]), for: stranger, after: nil, limit: 10).items.isEmpty)
            house.clock.advance(by: .seconds(7 * 86_400))
            #expect(try await house.sessions.list(try SessionWish(["deleted": "true"]), for: owner, after: nil, limit: 10).items.isEmpty)
        }
    }

    @Test(arguments: [["status": "open"], ["type": "feast"], ["text": ""], ["deleted": "yes"], ["text": String(repeating: "a", count: 201)]])
    func `cannot be searched by what is nothing`(query: [String: String]) {
        #expect(throws: Problem.self) { try SessionWish(query) }
    }
}

extension TestHouse {
    /// Changes a session as its owner does over HTTP.
    func put(_ session: SessionID, _ change: String) async throws -> SessionView {
        try await sessions.update(session, try JSON.decode(from: change))
    }
}
