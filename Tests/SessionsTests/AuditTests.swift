import Core
import Testing

@testable import Sessions

@Suite struct `Who changed what in a session` {
    @Test(arguments: TestDriver.installed)
    func `is written down with the change, and read page by page`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", owner: owner.userID!, by: owner)
            let change = #"{"title":"Two","place":"Here","accessCode":"new-1","settings":{"review":"all"}}"#
            _ = try await house.sessions.update(session.id, try JSON.decode(from: change), by: owner)
            _ = try await house.sessions.archive(session.id)
            await #expect(throws: Problem.self) { try await house.sessions.archive(session.id) }
            let first = try await house.sessions.audit(of: session.id, after: nil, limit: 2)
            #expect(first.items.map(\.action) == ["session_archived", "session_updated"])
            #expect(first.items[0].actor == .init(kind: .house) && first.items[0].change?["status"]?["to"] == "archived")
            #expect(first.items[1].actor == .init(kind: .user, id: owner.userID?.description, name: "ada"))
            #expect(
                first.items[1].change == [
                    "title": ["from": "One", "to": "Two"], "place": ["from": .null, "to": "Here"], "accessCode": ["changed": true],
                    "settings.review": ["from": "guests", "to": "all"],
                ])
            let cursor = try Cursor(try #require(first.nextCursor))
            let rest = try await house.sessions.audit(of: session.id, after: cursor, limit: 2)
            #expect(rest.items.map(\.action) == ["session_created"] && rest.nextCursor == nil)
        }
    }

    @Test func `covers its links and guests, and tells nothing that would let anybody in`() async throws {
        try await Gallery.with(photos: 0) { gallery in
            let (links, owner) = (gallery.house.links(), gallery.owner)
            let link = try await links.create(LinkInput(name: "Press", rights: ["view"], password: "let me in please"), in: gallery.session, at: "", by: owner)
            _ = try await links.update(link.id, in: gallery.session, try JSON.decode(from: #"{"name":"Papers"}"#), at: "", by: owner)
            try await links.remove(link.id, in: gallery.session, by: owner)
            guard case .guest(let token) = try await gallery.guest() else { return }
            for _ in 0..<2 { try await gallery.house.sessions.showOut(token.grantID, of: gallery.session, by: owner) }
            let log = try await gallery.house.sessions.audit(of: gallery.session, after: nil, limit: 9).items
            #expect(log.prefix(4).map(\.action) == ["guest_shown_out", "link_removed", "link_updated", "link_created"])
            #expect(log[2].change == ["name": ["from": "Press", "to": "Papers"]] && log[3].change?["hasPassword"] == true)
            #expect(try !JSON.text(log).contains("let me in"))
        }
    }

    @Test func `is kept within bounds`() throws {
        let long = JSONValue.string(String(repeating: "x", count: AuditLog.maxChange))
        #expect(try AuditLog.bounded(["title": "One"]) == ["title": "One"])
        #expect(try AuditLog.bounded(["title": long]) == ["cut": ["title"]])
        #expect(try AuditLog.bounded(long) == ["cut": true])
        let many = JSONValue.object(Dictionary(uniqueKeysWithValues: (0..<5000).map { ("\($0)", JSONValue.null) }))
        #expect(try JSON.text(AuditLog.bounded(many)).utf8.count <= AuditLog.maxChange)
        let unprintable = JSONValue.object([String(repeating: "\u{1}", count: 2000): long])
        #expect(try JSON.text(AuditLog.bounded(unprintable)).utf8.count <= AuditLog.maxChange)
    }
}
