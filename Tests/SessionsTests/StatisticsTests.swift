import Accounts
import Core
import Database
import Logging
import TestSupport
import Testing

@testable import Sessions

@Suite("Statistics")
struct StatisticsTests {
    @Test("views and downloads add up, by photo and by link, whoever writes them down", arguments: TestDriver.installed)
    func counts(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: try await house.photographer().userID!)
            let uploads = ["a", "b"].map { house.upload(into: session.id, sha256: String(repeating: $0, count: 64)) }
            try await house.database.write { tx in for upload in uploads { try house.intake.completed(upload, in: tx) } }
            let link = try await house.links().create(LinkInput(name: "Family"), in: session.id, at: "")
            let token = try #require(link.url?.split(separator: "/").last.map(String.init))
            let byLink = try #require(house.accounts.grantChecker.check(
                try await house.links().enter(token, name: nil, password: nil, address: "a").token))
            let byCode = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a").1
            // Whoever was shown out has been there.
            let gone = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a").1
            try await house.sessions.showOut(gone.grantID, of: session.id)
            let nodes = (0..<2).map { _ in
                MediaTallies(database: house.database, grants: house.accounts.grants, logger: Logger(label: "test"))
            }
            let originals = uploads.map { OriginalID($0.id) }
            for _ in 0..<3 {
                for node in nodes {
                    node.note(.view, of: originals[0], in: session.id, by: byLink.grantID)
                    node.note(.view, of: originals[1], in: session.id, by: byCode.grantID)
                    node.note(.download, of: originals[0], in: session.id, by: byLink.grantID)
                    // An archive is of no photo.
                    node.note(.download, of: nil, in: session.id, by: byLink.grantID)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for node in nodes { group.addTask { try await node.flush() } }
                    try await group.waitForAll()
                }
            }
            let found = try await StatisticsService(database: house.database, grants: house.accounts.grants).statistics(of: session.id)
            #expect(found.photos == ["processing": 2] && found.bytes == 6)
            #expect(found.views == 12 && found.downloads == 12 && found.guests == 2 && found.entries == 3)
            #expect(found.links == [.init(id: link.id, name: "Family", views: 6, downloads: 12)])
            #expect(found.mostViewed == [
                .init(photoId: PhotoID(uploads[0].id), views: 6, downloads: 6), .init(photoId: PhotoID(uploads[1].id), views: 6, downloads: 0),
            ])
        }
    }

    @Test("what is counted at the end is written down at the end")
    func ending() async throws {
        try await TestHouse.with { house in
            let session = try await house.sessions.create(title: "One", owner: try await house.photographer().userID!)
            let tallies = MediaTallies(database: house.database, grants: house.accounts.grants, logger: Logger(label: "test"))
            let running = Task { await tallies.run() }
            tallies.note(.view, of: OriginalID(at: house.clock.now()), in: session.id, by: GrantID(at: house.clock.now()))
            running.cancel()
            await running.value
            let found = try await StatisticsService(database: house.database, grants: house.accounts.grants).statistics(of: session.id)
            #expect(found.views == 1 && found.mostViewed.isEmpty)
        }
    }

    @Test("a sheet that is full counts what it knows, and nothing else")
    func bound() {
        let now = ManualClock().now()
        var sheet = TallySheet(capacity: 2)
        let keys = (0..<3).map { _ in TallySheet.Key(session: SessionID(at: now), original: OriginalID(at: now), grant: GrantID(at: now)) }
        for _ in 0..<2 { for key in keys { sheet.add(.init(views: 1), to: key) } }
        #expect(sheet.take() == [keys[0]: .init(views: 2), keys[1]: .init(views: 2)] && sheet.take().isEmpty)
    }
}
