import Accounts
import Core
import Database
import Testing

@testable import Sessions

@Suite("What is left of links")
struct LinkRemainsTests {
    @Test("a session that is purged leaves no rows of links, whoever deleted it", arguments: TestDriver.installed)
    func purge(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let links = house.links()
            let session = try await house.sessions.create(title: "One", owner: try await house.photographer().userID!)
            let link = try await links.create(LinkInput(name: "Family", rights: ["download"], maxDownloads: 5), in: session.id, at: "")
            let token = try #require(link.url?.split(separator: "/").last.map(String.init))
            let guest = try #require(house.accounts.grantChecker.check(
                try await links.enter(token, name: nil, password: nil, address: "a").token))
            try await links.begin("aa", with: guest)
            // By a program that knows of no links.
            let now = house.clock.now()
            try await house.database.write { tx in try SessionStore().markDeleted(session.id, at: now, tx) }
            house.clock.advance(by: .seconds(8 * 86_400))
            try await house.purger.purge()
            #expect(try await Self.rows(house) == [0, 0, 0])
        }
    }

    @Test("links of sessions that are no more, and downloads of guests who are no more, are forgotten", arguments: TestDriver.installed)
    func forgetting(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let links = house.links()
            let owner = try await house.photographer().userID!
            let (kept, gone) = (
                try await house.sessions.create(title: "One", owner: owner), try await house.sessions.create(title: "Two", owner: owner)
            )
            for session in [kept, gone] {
                let link = try await links.create(LinkInput(name: "Family", rights: ["download"], maxDownloads: 5), in: session.id, at: "")
                let token = try #require(link.url?.split(separator: "/").last.map(String.init))
                let guest = try #require(house.accounts.grantChecker.check(
                    try await links.enter(token, name: nil, password: nil, address: "a").token))
                try await links.begin("aa", with: guest)
            }
            try await house.database.write { tx in try SessionStore().remove(gone.id, tx) }
            try await links.forget()
            #expect(try await Self.rows(house) == [1, 4, 2])
            house.clock.advance(by: .seconds(33 * 86_400))
            try await links.forget()
            #expect(try await Self.rows(house) == [1, 0, 0])
            // What was counted stays counted.
            #expect(try await links.list(of: kept.id, after: nil, limit: 5, at: "").items.map(\.downloads) == [1])
        }
    }

    private static func rows(_ house: TestHouse) async throws -> [Int] {
        try await house.database.read { tx in
            try [
                tx.query("SELECT id FROM share_links").count, tx.query("SELECT link_id FROM link_uses").count,
                tx.query("SELECT link_id FROM link_downloads").count,
            ]
        }
    }
}
