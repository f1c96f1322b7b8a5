import Core
import Database
import Foundation
import TestSupport
import Testing

@testable import Processing
@testable import Sessions

@Suite("The queue of photos to be derived anew")
struct RenderingFeedTests {
    private static let mark = #"{"watermark":{"text":"© Ada"}}"#

    /// A second session with one photo that is ready.
    private func second(_ house: TestHouse, owner: UserID) async throws -> (SessionID, OriginalID) {
        house.clock.advance(by: .seconds(1))
        let session = try await house.sessions.create(title: "Two", owner: owner).id
        let upload = house.upload(into: session)
        _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
        try await house.workThrough()
        return (session, OriginalID(upload.id))
    }

    @Test("is filled for other sessions whatever is wrong with one", arguments: TestDriver.installed)
    func broken(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, _) = try await house.session(photos: 1)
            let (other, original) = try await second(house, owner: session.ownerId)
            for id in [session.id, other] { try await house.change(id, Self.mark) }
            try await house.database.write { tx in
                _ = try tx.execute("UPDATE session_renders SET recipe = 'odd' WHERE session_id = \(session.id)")
            }
            let service = house.renderingService()
            try await service.feed()
            #expect(try await house.work()[original]?.state == "queued")
            // It is found again once it is mended.
            _ = try await service.begin(session.id, everything: false)
            try await service.feed()
            #expect(try await service.progress(of: session.id)?.total == 1)
        }
    }

    @Test("is filled for other sessions while one has as much in it as it may", arguments: TestDriver.installed)
    func full(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, _) = try await house.session(photos: 1)
            let (other, original) = try await second(house, owner: session.ownerId)
            for id in [session.id, other] { try await house.change(id, Self.mark) }
            // As if so many photos of the first waited.
            try await house.database.write { tx in
                for index in 0..<20 {
                    try tx.execute(
                        """
                        INSERT INTO photos (id, original_id, session_id, original_key, filename, content_type, size, sha256, crc32, status,
                            created_at, rendering)
                        SELECT \("p\(index)"), \("o\(index)"), session_id, original_key, filename, content_type, size, \("s\(index)"), crc32,
                            status, created_at, 1 FROM photos WHERE session_id = \(session.id) AND sha256 LIKE '00%'
                        """)
                }
            }
            var service = house.renderingService()
            service.maxWaiting = 20
            try await service.feed()
            #expect(try await house.work()[original]?.state == "queued")
            let stands = try await house.database.read { try RenderingStore().find(session.id, $0) }
            #expect(stands?.fed == 0 && stands?.waiting == 20)
        }
    }

    @Test("does not stand between workers and the end of their work", .enabled(if: LocalPostgres.isInstalled))
    func held() async throws {
        try await TestHouse.with(.postgres) { house in
            let (session, uploads) = try await house.session(photos: 2)
            try await house.workThrough()
            try await house.change(session.id, Self.mark)
            let service = house.renderingService()
            try await service.feed()
            let ended = DispatchSemaphore(value: 0)
            let held = Inbox<Bool>()
            async let feeder: Bool = house.database.write(.readCommitted) { tx in
                _ = try RenderingStore().hold(session.id, tx)
                held.push(true)
                // A feeder that takes its time; the body runs on a connection's own thread.
                return ended.wait(timeout: .now() + 10) == .success
            }
            try await held.wait(for: "the row") { elements, _ in elements.first.map { _ in () } }
            try await house.workThrough()
            ended.signal()
            #expect(try await feeder, "the work was held up")
            #expect(try await service.progress(of: session.id).map { [$0.done, $0.total] } == [2, 2])
            #expect(uploads.count == 2)
        }
    }

    @Test("counts every photo once while workers, feeders and changes of mind are at it together", arguments: TestDriver.installed)
    func together(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, uploads) = try await house.session(photos: 12)
            let service = house.renderingService()
            let over = Inbox<Never>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        while !over.isClosed {
                            try await house.renderingService().feed()
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                    group.addTask {
                        while !over.isClosed {
                            try await house.workThrough()
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                group.addTask {
                    defer { over.close() }
                    for text in ["A", "B", "A", "C"] { try await house.change(session.id, #"{"watermark":{"text":"\#(text)"}}"#) }
                    _ = try await eventually("the end") { try await service.progress(of: session.id)?.isOver == true ? true : nil }
                }
                try await group.waitForAll()
            }
            #expect(try await service.progress(of: session.id).map { [$0.done, $0.failed, $0.total] } == [12, 0, 12])
            try await house.workThrough()
            let wanted = try #require(try await service.progress(of: session.id)?.recipe)
            for upload in uploads { #expect(try await house.recipes(of: upload) == [wanted]) }
        }
    }

    @Test("a deleted session is rendered no more", arguments: TestDriver.installed)
    func deleted(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, _) = try await house.session(photos: 2)
            try await house.workThrough()
            try await house.change(session.id, Self.mark)
            let service = house.renderingService()
            try await house.sessions.delete(session.id)
            try await service.feed()
            #expect(try await service.progress(of: session.id) == nil)
            #expect(try await house.work().isEmpty)
            await #expect(throws: Problem.notFound("session")) { try await service.begin(session.id, everything: true) }
        }
    }

    @Test("progress is counted by an index of what is marked")
    func plan() async throws {
        try await TestHouse.with { house in
            let plan = try await house.database.read { tx in
                try tx.query("EXPLAIN QUERY PLAN \(sql: RenderingStore.counted) WHERE state <> 'over' ORDER BY session_id LIMIT 100")
                    .map { try $0.get("detail", as: String.self) }
            }
            #expect(plan.count { $0.contains("COVERING INDEX photos_rendering") } == 2, "\(plan)")
            #expect(plan.contains { $0.contains("session_renders_open") }, "\(plan)")
        }
    }
}
