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
