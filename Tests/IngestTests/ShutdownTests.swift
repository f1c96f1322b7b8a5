import Core
import Foundation
import Logging
import TestSupport
import Testing

@testable import Ingest

@Suite("At the end of the process")
struct ShutdownTests {
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("what is being settled is told to stop, and nothing new begins")
    func queue() async throws {
        let (started, continuation) = AsyncStream.makeStream(of: Void.self)
        let queue = SettlementQueue(width: 1, logger: silent) { _ in
            continuation.yield()
            try await Task.sleep(for: .seconds(3600))
        }
        for number in 0..<2 as Range<Int64> { await queue.enqueue(UploadID(at: Timestamp(milliseconds: number))) }
        for await _ in started { break }
        await queue.stop()
        try await within { await queue.idle() }
        #expect(await !queue.enqueue(UploadID(at: Timestamp(milliseconds: 2))))
        continuation.finish()
        for await _ in started { Issue.record("another one has begun") }
    }

    @Test("nobody waits for the rest of a long hash, and the next process hands the file over")
    func longHash() async throws {
        try await withHouse { house in
            let ingest = try house.start()
            // A minute's work or so, of which nothing is on the disk.
            let id = try await insertWhole(32 << 30, house, ingest)
            await ingest.worker.queue.enqueue(id)
            let start = ContinuousClock.now
            await ingest.shutdown()
            #expect(start.duration(to: .now) < .seconds(5))
            let second = try house.start()
            try await second.worker.sweeper.sweep()
            #expect(try await second.service.find(id)?.state == .completing)
            await second.shutdown()
        }
    }

    /// An upload that waits to be handed over.
    private func insertWhole(_ length: Int64, _ house: House, _ ingest: Ingest) async throws -> UploadID {
        let now = house.clock.now()
        let upload = Upload(
            id: UploadID(at: now), sessionID: house.session, declaration: house.creation(length).declaration, metadata: "",
            uploaderID: nil, uploader: Uploader(.anonymous), offset: length, state: .completing, bootID: "boot-1",
            createdAt: now, updatedAt: now, expiresAt: now)
        #expect(try await ingest.service.store.insert(upload, limit: 1))
        try await #require(ingest.service.bytes as? LocalBytes).files.create(upload.id).truncate(to: length)
        return upload.id
    }
}
