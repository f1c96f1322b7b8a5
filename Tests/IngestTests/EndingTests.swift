import Core
import Foundation
import Glibc
import ObjectStore
import Testing

@testable import Ingest

@Suite("The end of an upload")
struct EndingTests {
    @Test("by its client removes the bytes, and is remembered")
    func termination() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            try await ingest.service.terminate(id)
            await ingest.settled()
            #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
            #expect(await problem { try await ingest.service.status(id) }?.status == 410)
            #expect(await problem { try await ingest.patch(id, at: 3, body([[4]])) }?.status == 410)
        }
    }

    @Test("by its client leaves the photo alone that it has become")
    func terminationAfterCompletion() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(3))
            let upload = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            try await ingest.service.terminate(id)
            await ingest.settled()
            #expect(try await house.photos().count == 1)
            #expect(try await house.disk.size(of: upload.objectKey) == 3)
            #expect(await problem { try await ingest.service.status(id) }?.status == 410)
        }
    }

    @Test("while it is handed over leaves nothing behind", arguments: [CrashPoint.beforeAdopt, .afterAdopt, .inHandler])
    func terminationWhileCompleting(_ point: CrashPoint) async throws {
        try await withHouse { house in
            let ingest = try house.start(plan: CrashPlan(point))
            let id = try await ingest.create(house.creation(3))
            let upload = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            #expect(try await ingest.service.find(id)?.state == .completing)
            try await ingest.service.terminate(id)
            await ingest.settled()
            #expect(try await house.photos().isEmpty)
            #expect(try await house.disk.size(of: upload.objectKey) == nil)
            #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
            #expect(try await ingest.service.find(id)?.cleanup == .nothing)
            await ingest.shutdown()
        }
    }

    @Test("comes when it rested too long, and is forgotten in the end")
    func expiry() async throws {
        try await withIngest { house, ingest in
            let old = try await ingest.create(house.creation(10))
            house.clock.advance(.seconds(13 * 3600))
            let young = try await ingest.create(house.creation(10))
            house.clock.advance(.seconds(12 * 3600))
            #expect(await problem { try await ingest.service.status(old) }?.status == 410)
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await ingest.service.find(old)?.state == .expired)
            #expect(!FileManager.default.fileExists(atPath: house.path(of: old)))
            #expect(try await ingest.service.find(young)?.state == .receiving)
            #expect(FileManager.default.fileExists(atPath: house.path(of: young)))
            house.clock.advance(.seconds(6 * 24 * 3600))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.find(old) != nil)
            house.clock.advance(.seconds(2 * 24 * 3600))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.find(old) == nil)
        }
    }

    @Test("is put off by every request")
    func activity() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            house.clock.advance(.seconds(20 * 3600))
            _ = try await ingest.patch(id, at: 0, body([[1]]), contentLength: 1)
            house.clock.advance(.seconds(20 * 3600))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.status(id).offset == 1)
        }
    }

    @Test("of many that were abandoned is swept in pages, and leaves nothing")
    func manyExpired() async throws {
        let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] == "1"
        let count = isSoak ? 10_000 : 2 * UploadSweeper.page
        try await withIngest { $0.openUploadsPerUploader = count } _: { house, ingest in
            for number in 0..<count {
                let id = try await ingest.create(house.creation(10))
                // Some have a few bytes.
                if number.isMultiple(of: 10) { _ = try await ingest.patch(id, at: 0, body([[1, 2]]), contentLength: 2) }
            }
            house.clock.advance(.seconds(25 * 3600))
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await ingest.service.store.unsettled(after: "", limit: 10).isEmpty)
            let left = try FileManager.default.subpathsOfDirectory(atPath: house.folder + "/uploads").filter { $0.contains("/") }
            #expect(left.isEmpty)
        }
    }

    @Test("is a failure when nobody wants the file any more")
    func unwanted() async throws {
        try await withIngest { house, ingest in
            var creation = house.creation(3)
            creation.declaration.filename = PhotoTable.unwanted
            let id = try await ingest.create(creation)
            let upload = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            #expect(try await ingest.service.find(id)?.failure == "not_found")
            #expect(try await house.disk.size(of: upload.objectKey) == nil)
        }
    }

    @Test("is a failure when the store says again and again that the bytes are not what they were", arguments: [
        ObjectStoreError.system(EPROTO, "InvalidPart"), .system(EBADMSG, "does not match its ETag"), .system(ESTALE, "replaced"),
    ])
    func changedBytes(_ error: ObjectStoreError) async throws {
        try await withHouse { house in
            let ingest = try house.start(objects: DoubtfulStore(disk: house.disk, error: error))
            let id = try await ingest.create(house.creation(3))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            for _ in 2..<DeliveryDoubts.limit {
                try await ingest.worker.sweeper.sweep()
                await ingest.settled()
            }
            #expect(try await ingest.service.find(id)?.state == .completing)
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            let failed = try #require(try await ingest.service.find(id))
            #expect(failed.state == .failed && failed.failure == "bytes_changed" && failed.cleanup == .nothing)
            #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
            await ingest.shutdown()
        }
    }

    @Test("is not given up while the store is only out of reach")
    func unreachableStore() async throws {
        try await withHouse { house in
            let ingest = try house.start(objects: DoubtfulStore(disk: house.disk, error: .unavailable("no connection")))
            let id = try await ingest.create(house.creation(3))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            for _ in 0...DeliveryDoubts.limit {
                await ingest.settled()
                try await ingest.worker.sweeper.sweep()
            }
            await ingest.settled()
            #expect(try await ingest.service.find(id)?.state == .completing)
            await ingest.shutdown()
        }
    }

    @Test("is a failure when the bytes are not those that were announced")
    func checksumMismatch() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(3, sha256: String(repeating: "0", count: 64)))
            let upload = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            #expect(upload.offset == 3)
            await ingest.settled()
            let failed = try #require(try await ingest.service.find(id))
            #expect(failed.state == .failed)
            #expect(failed.failure == "checksum_mismatch")
            #expect(try await house.photos().isEmpty)
            #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
            // The protocol does not judge content.
            #expect(try await ingest.service.status(id).offset == 3)
        }
    }
}

/// Takes nothing over.
private struct DoubtfulStore: StreamingObjectStore {
    let disk: DiskObjectStore
    let error: ObjectStoreError

    func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws { throw error }
    func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws { throw error }
    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes { try await disk.read(key, range: range) }
    func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        try await disk.page(prefix: prefix, after: cursor, limit: limit)
    }
    func remove(_ key: ObjectKey) async throws { try await disk.remove(key) }
    func size(of key: ObjectKey) async throws -> Int64? { try await disk.size(of: key) }
    func localPath(of key: ObjectKey) -> String? { disk.localPath(of: key) }
    func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { try await disk.withLocalFile(key, body) }
}
