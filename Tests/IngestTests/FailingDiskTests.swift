import Core
import Crypto
import Database
import Foundation
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Ingest

/// Fails its first reads or, when told to, every write.
final class FailingDatabase: Database {
    private let inner: any Database
    private let reads: NIOLockedValueBox<Int>
    private let writesFail = NIOLockedValueBox(false)

    init(_ inner: any Database, reads: Int = 0) {
        self.inner = inner
        self.reads = NIOLockedValueBox(reads)
    }

    var isSpent: Bool { reads.withLockedValue { $0 == 0 } }
    func failWrites(_ fail: Bool) { writesFail.withLockedValue { $0 = fail } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        let fails = reads.withLockedValue { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
        if fails { throw Crash() }
        return try await inner.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        if writesFail.withLockedValue({ $0 }) { throw Crash() }
        return try await inner.write(body)
    }
}

@Suite("On a failing disk")
struct FailingDiskTests {
    private static let broken = UploadFileError.system(EIO, "fdatasync")

    /// Three bytes confirmed, and two more whose sync failed.
    private func failed(_ house: House, _ ingest: Ingest) async throws -> UploadID {
        let id = try await ingest.create(house.creation(5))
        _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
        var service = ingest.service
        var local = try #require(service.bytes as? LocalBytes)
        local.files.flush = { _ in throw Self.broken }
        service.bytes = local
        var request = UploadRequest(.append)
        request.offset = "3"
        request.contentLength = 2
        let failing = service
        let sent = request
        await #expect(throws: Self.broken) { try await failing.append(sent, to: id, from: .anonymous, body([[8, 9]])) }
        return id
    }

    @Test("bytes whose sync failed are cut off by the next claim, and other bytes make the file whole")
    func failedSync() async throws {
        try await withIngest { house, ingest in
            let id = try await failed(house, ingest)
            #expect(try await ingest.service.find(id)?.bootID == "")
            try await ingest.worker.sweeper.recover { _ in Issue.record("the size was trusted") }
            #expect(try await ingest.service.status(id).offset == 3)
            #expect(try Data(contentsOf: URL(fileURLWithPath: house.path(of: id))) == Data([1, 2, 3]))
            _ = try await ingest.patch(id, at: 3, body([[4, 5]]), contentLength: 2)
            await ingest.settled()
            let whole = SHA256.hash(data: [1, 2, 3, 4, 5] as [UInt8]).map { String(format: "%02x", $0) }.joined()
            #expect(try await house.photos() == [whole])
        }
    }

    @Test("they are cut off by a later process on the same boot, too")
    func laterProcess() async throws {
        try await withHouse { house in
            let first = try house.start()
            let id = try await failed(house, first)
            await first.shutdown()
            let second = try house.start()
            #expect(try await second.service.status(id).offset == 3)
            await second.shutdown()
        }
    }

    @Test("they are cut off though the database could not be told")
    func unrecordedDistrust() async throws {
        try await withHouse { house in
            let database = FailingDatabase(house.database)
            let ingest = try house.start(database: database)
            let id = try await ingest.create(house.creation(5))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            var service = ingest.service
            var local = try #require(service.bytes as? LocalBytes)
            local.files.flush = { _ in
                database.failWrites(true)
                throw Self.broken
            }
            service.bytes = local
            var request = UploadRequest(.append)
            request.offset = "3"
            request.contentLength = 2
            let (failing, sent) = (service, request)
            await #expect(throws: Self.broken) { try await failing.append(sent, to: id, from: .anonymous, body([[8, 9]])) }
            database.failWrites(false)
            #expect(try await ingest.service.find(id)?.bootID == "boot-1")
            #expect(try await ingest.service.status(id).offset == 3)
            await ingest.shutdown()
        }
    }

    @Test("more distrusted files than are kept make every file distrusted")
    func overfull() {
        let files = DistrustedFiles(capacity: 1)
        let ids = (0..<3).map { UploadID(at: Timestamp(milliseconds: $0)) }
        files.insert(ids[0])
        #expect(files.contains(ids[0]) && !files.contains(ids[2]))
        files.insert(ids[1])
        #expect(ids.allSatisfy(files.contains))
    }

    @Test("a transfer that touches the reserve ends, and keeps what has come")
    func reserve() async throws {
        try await withIngest { house, ingest in
            let (upload, open) = try await ingest.service.create(house.creation(100), from: .anonymous)
            let file = try #require(open as? OpenFile)
            let start = ContinuousClock.now
            var writer = UploadWriter(
                upload, file: file.file,
                ports: WriterPorts(
                    files: file.bytes.files, follower: file.bytes.follower, sync: { _ in },
                    requireRoom: { throw UploadFileError.full }, record: { _ in true }, arrived: { _ in }),
                now: start)
            try await writer.append(ByteBuffer(bytes: [1, 2, 3]), now: start)
            await #expect(throws: UploadFileError.full) {
                try await writer.append(ByteBuffer(bytes: [4]), now: start + UploadWriter.checkpointInterval)
            }
            #expect(try await writer.finish().synced == 4)
        }
    }

    @Test("a transfer that touches the reserve is answered 507")
    func reserveAnswer() async throws {
        try await withHouse { house in
            let roomy = try house.start()
            let id = try await roomy.create(house.creation(nil))
            await roomy.shutdown()
            let ingest = try house.start { $0.freeSpaceReserve = .max }
            // More than lies between two checkpoints.
            let piece = [UInt8](repeating: 1, count: 1 << 20)
            let count = Int(UploadWriter.checkpointBytes) / piece.count + 4
            let answer = await problem { try await ingest.patch(id, at: 0, body(Array(repeating: piece, count: count))) }
            #expect(answer?.status == 507)
            #expect(try await ingest.service.find(id)?.offset == UploadWriter.checkpointBytes)
            await ingest.shutdown()
        }
    }

    @Test("free space is never counted past its type", arguments: [
        (10, 4096, 40960), (.max, 4096, .max), (1 << 63, 2, .max), (1 << 63, 1, .max), (0, 4096, 0),
    ] as [(UInt64, UInt64, Int64)])
    func freeSpace(_ blocks: UInt64, _ size: UInt64, _ bytes: Int64) {
        #expect(UploadFiles.bytes(blocks, of: size) == bytes)
    }

    @Test("a file's name in the path is decoded once", arguments: ["100%.jpg", "100%25.jpg", "a b.jpg"])
    func filename(_ name: String) { #expect(FileRoutes.filename(["name": name]) == name) }
}
