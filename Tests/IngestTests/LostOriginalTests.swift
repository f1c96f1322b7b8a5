import Core
import Foundation
import Glibc
import NIOConcurrencyHelpers
import ObjectStore
import Testing

@testable import Ingest

@Suite("A file whose original the store has lost")
struct LostOriginalTests {
    private static let sha256 = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"
    private static let bytes: [UInt8] = [1, 2, 3]

    /// What became of an original.
    enum Loss: CaseIterable { case missing, short }

    private func send(_ id: UploadID, _ ingest: Ingest) async throws {
        _ = try await ingest.patch(id, at: 0, body([Self.bytes]), contentLength: 3)
        await ingest.settled()
    }

    /// Sends a file for the first time, and loses it.
    private func lose(_ loss: Loss, _ house: House, _ ingest: Ingest) async throws -> Upload {
        let id = try await ingest.create(house.creation(3))
        try await send(id, ingest)
        let upload = try #require(try await ingest.service.find(id))
        let path = try #require(house.disk.localPath(of: upload.objectKey))
        #expect(FileManager.default.fileExists(atPath: path))
        if loss == .short { #expect(truncate(path, 2) == 0) } else { try await house.disk.remove(upload.objectKey) }
        return upload
    }

    private func content(of upload: Upload, _ house: House) throws -> Data? {
        try house.disk.localPath(of: upload.objectKey).map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }

    /// Checks that there is one photo with its bytes, and nothing of the upload that brought them back.
    private func expectRestored(_ first: Upload, by id: UploadID, _ house: House, _ ingest: Ingest) async throws {
        let again = try #require(try await ingest.service.find(id))
        #expect(again.state == .completed && again.photoID == PhotoID(first.id) && again.cleanup == .nothing)
        #expect(try await house.photos() == [Self.sha256])
        #expect(try content(of: first, house) == Data(Self.bytes))
        #expect(try await house.disk.size(of: again.objectKey) == nil)
        #expect(!FileManager.default.fileExists(atPath: house.path(of: id)))
    }

    @Test("is taken in once more, and takes the place of what was lost", arguments: Loss.allCases)
    func restored(_ loss: Loss) async throws {
        try await withIngest { house, ingest in
            let first = try await lose(loss, house, ingest)
            let id = try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true))
            #expect(try await ingest.service.find(id)?.state == .receiving)
            try await send(id, ingest)
            try await expectRestored(first, by: id, house, ingest)
            let known = try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true))
            #expect(try await ingest.service.find(known)?.photoID == PhotoID(first.id))
        }
    }

    @Test("comes back too from a sender that has not said what it is, whenever the process dies", arguments: [
        CrashPoint.beforeAdopt, .afterAdopt, .beforeRemove, .afterRemove,
    ])
    func crash(_ point: CrashPoint) async throws {
        try await withHouse { house in
            let ingest = try house.start()
            let first = try await lose(.missing, house, ingest)
            let id = try await ingest.create(house.creation(3))
            await ingest.shutdown()
            let store = StubbornStore(disk: house.disk)
            store.plan.withLockedValue { $0 = CrashPlan(point) }
            let next = try house.start(objects: store)
            try await send(id, next)
            #expect(store.plan.withLockedValue { $0.isSpent })
            try await next.worker.sweeper.sweep()
            await next.settled()
            try await expectRestored(first, by: id, house, next)
            await next.shutdown()
        }
    }

    @Test("is taken in too while the store cannot say whether it is there", arguments: [
        ObjectStoreError.unavailable("no connection"), .system(EACCES, "403"),
    ])
    func unsure(_ error: ObjectStoreError) async throws {
        try await withHouse { house in
            let store = StubbornStore(disk: house.disk)
            let ingest = try house.start(objects: store)
            let first = try await ingest.create(house.creation(3))
            try await send(first, ingest)
            store.sizeError.withLockedValue { $0 = error }
            let id = try await ingest.create(house.creation(3, sha256: Self.sha256, acceptsKnown: true))
            #expect(try await ingest.service.find(id)?.state == .receiving)
            try await send(id, ingest)
            if case .unavailable = error {
                // Nothing is thrown away before it is known what for.
                let waiting = try #require(try await ingest.service.find(id))
                #expect(waiting.state == .completing)
                #expect(try content(of: waiting, house) == Data(Self.bytes))
                store.sizeError.withLockedValue { $0 = nil }
                try await ingest.worker.sweeper.sweep()
                await ingest.settled()
            }
            try await expectRestored(try #require(try await ingest.service.find(first)), by: id, house, ingest)
            await ingest.shutdown()
        }
    }

    @Test("keeps the bytes that have come, however often they cannot be put in its place")
    func stubborn() async throws {
        try await withHouse { house in
            let store = StubbornStore(disk: house.disk)
            let ingest = try house.start(objects: store)
            let first = try await lose(.missing, house, ingest)
            let id = try await ingest.create(house.creation(3))
            store.putError.withLockedValue { $0 = .system(EPROTO, "InvalidPart") }
            try await send(id, ingest)
            for _ in 0...DeliveryDoubts.limit {
                try await ingest.worker.sweeper.sweep()
                await ingest.settled()
            }
            let waiting = try #require(try await ingest.service.find(id))
            #expect(waiting.state == .completing)
            #expect(try content(of: waiting, house) == Data(Self.bytes))
            store.putError.withLockedValue { $0 = nil }
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            try await expectRestored(first, by: id, house, ingest)
            await ingest.shutdown()
        }
    }
}

/// Fails when it is told to.
private struct StubbornStore: StreamingObjectStore {
    let disk: DiskObjectStore
    let sizeError = NIOLockedValueBox<ObjectStoreError?>(nil)
    let putError = NIOLockedValueBox<ObjectStoreError?>(nil)
    /// Where it dies once: while it stores a copy, or removes something.
    let plan = NIOLockedValueBox(CrashPlan())

    func size(of key: ObjectKey) async throws -> Int64? {
        if let error = sizeError.withLockedValue({ $0 }) { throw error }
        return try await disk.size(of: key)
    }

    func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        if let error = putError.withLockedValue({ $0 }) { throw error }
        let plan = plan.withLockedValue { $0 }
        try plan.pass(.beforeAdopt)
        try await disk.put(localPath, as: key, durable: durable)
        try plan.pass(.afterAdopt)
    }

    func remove(_ key: ObjectKey) async throws {
        let plan = plan.withLockedValue { $0 }
        try plan.pass(.beforeRemove)
        try await disk.remove(key)
        try plan.pass(.afterRemove)
    }

    func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await disk.adopt(localPath, as: key, durable: durable)
    }
    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes { try await disk.read(key, range: range) }
    func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        try await disk.page(prefix: prefix, after: cursor, limit: limit)
    }
    func localPath(of key: ObjectKey) -> String? { disk.localPath(of: key) }
    func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { try await disk.withLocalFile(key, body) }
}
