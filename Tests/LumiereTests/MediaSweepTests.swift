import Core
import Database
import Foundation
import Ingest
import ObjectStore
import Processing
import Sessions
import Synchronization
import TestSupport
import Testing

@testable import Lumiere

/// A database with the house's tables, and a store, in a folder of their own.
private struct MediaBench {
    let folder: TemporaryFolder
    let database: any DatabaseDriver
    let store: DiskObjectStore
    let session = SessionID(at: Timestamp(milliseconds: 1))

    init(postgres: Bool) async throws {
        folder = try TemporaryFolder("media")
        database = postgres
            ? try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase())
            : try await SQLiteDatabase.open(folder.file("test.sqlite"))
        try await Migrator.migrate(database, House.migrations)
        store = try DiskObjectStore(root: folder.file("objects"))
    }

    static func with(postgres: Bool, _ body: (MediaBench) async throws -> Void) async throws {
        let bench = try await MediaBench(postgres: postgres)
        let result = await Result { try await body(bench) }
        try await bench.database.close()
        try result.get()
    }

    func put(_ text: String, _ key: ObjectKey) async throws {
        let path = folder.file(UUID().uuidString)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try await store.put(path, as: key, durable: false)
    }

    /// A photo with an original and a rendition, recorded with the SHA-256 of `original` and `rendition`.
    func photo() async throws -> (original: ObjectKey, rendition: ObjectKey) {
        let id = OriginalID(at: Timestamp(milliseconds: 1))
        let rendition = ObjectKey.rendition(id, .thumb, recipe: "aaaaaaaaaaaa-bb", format: .jpeg)
        // Each in a session of its own: they have the same bytes.
        let session = SessionID(id)
        try await database.write { tx in
            try tx.execute(
                """
                INSERT INTO photos (id, original_id, session_id, original_key, filename, content_type, size, sha256, crc32, status, created_at)
                VALUES (\(id), \(id), \(session), \(ObjectKey.original(id)), 'a.jpg', 'image/jpeg', 8,
                    '0682c5f2076f099c34cfdd15a9e063849ed437a49677e6fcc5b4198c76575be5', 1, 'ready', 1)
                """)
            try tx.execute(
                """
                INSERT INTO renditions (original_id, recipe, name, format, session_id, width, height, size, sha256, object_key, created_at)
                VALUES (\(id), 'aaaaaaaaaaaa', 'thumb', 'jpeg', \(session), 1, 1, 9, 'beef', \(rendition), 1)
                """)
        }
        return (.original(id), rendition)
    }

    func verify(deep: Bool) async throws -> [String] {
        let faults = Mutex<[String]>([])
        let verifier = MediaVerifier(
            database: database, store: store, inventories: [OriginalInventory(), RenditionStore()], isDeep: deep)
        try await verifier.run { fault in if let fault { faults.withLock { $0.append("\(fault)") } } }
        return faults.withLock { $0.sorted() }
    }
}

private let databases = LocalPostgres.isInstalled ? [false, true] : [false]

@Suite("Files and what is said of them")
struct MediaSweepTests {
    @Test("what is missing, cut or changed is found", arguments: databases)
    func verification(postgres: Bool) async throws {
        try await MediaBench.with(postgres: postgres) { bench in
            let (whole, lost, cut) = (try await bench.photo(), try await bench.photo(), try await bench.photo())
            for photo in [whole, cut] { try await bench.put("original", photo.original) }
            try await bench.put("rendition", whole.rendition)
            try await bench.put("rend", cut.rendition)
            let expected = [
                "\(cut.rendition): has 4 bytes, not 9", "\(lost.original): missing", "\(lost.rendition): missing",
            ]
            #expect(try await bench.verify(deep: false) == expected.sorted())
            // Only reading shows that the content is another.
            #expect(try await bench.verify(deep: true) == (expected + ["\(whole.rendition): its content is another"]).sorted())
        }
    }

    @Test("pages of rows are complete and come to an end", arguments: databases)
    func paging(postgres: Bool) async throws {
        try await MediaBench.with(postgres: postgres) { bench in
            var expected: Set<ObjectKey> = []
            for _ in 0..<5 {
                let photo = try await bench.photo()
                expected.formUnion([photo.original, photo.rendition])
            }
            var found: [ObjectKey] = []
            for inventory in [OriginalInventory(), RenditionStore()] as [any ObjectInventory] {
                #expect(try await bench.database.read { try inventory.count(transaction: $0) } == 5)
                var cursor: String?
                repeat {
                    let page = try await bench.database.read { [cursor] tx in try inventory.page(after: cursor, limit: 2, transaction: tx) }
                    found += page.objects.map(\.key)
                    cursor = page.next
                } while cursor != nil && found.count < 50
            }
            #expect(found.count == 10 && Set(found) == expected)
        }
    }

    @Test("only what nothing speaks of, and is old, goes", arguments: databases)
    func collection(postgres: Bool) async throws {
        try await MediaBench.with(postgres: postgres) { bench in
            let photo = try await bench.photo()
            let stray = OriginalID(at: Timestamp(milliseconds: 2))
            let upload = OriginalID(at: Timestamp(milliseconds: 3))
            let session = bench.session
            try await bench.database.write { tx in
                try tx.execute(
                    """
                    INSERT INTO uploads (id, session_id, purpose, target, filename, content_type, metadata, synced_offset, state, cleanup,
                        generation, boot_id, created_at, updated_at, expires_at)
                    VALUES (\(upload), \(session), 'session', '', '', '', '', 0, 'completing', '', 1, '', 1, 1, 1)
                    """)
            }
            let left = ObjectKey.rendition(OriginalID(photo.original.text.dropFirst(10).description)!, .thumb, recipe: "cccccccccccc-dd", format: .jpeg)
            let needed: [ObjectKey] = [photo.original, photo.rendition, .original(upload)]
            let orphans: [ObjectKey] = [.original(stray), left, .rendition(stray, .large, recipe: "aaaaaaaaaaaa-bb", format: .webp)]
            for key in needed + orphans { try await bench.put("some bytes", key) }
            let foreign = try #require(ObjectKey("renditions/notes/read-me.txt"))
            try await bench.put("some bytes", foreign)
            func sweep(after hours: Int, removes: Bool) async throws -> Set<ObjectKey> {
                let found = Mutex<Set<ObjectKey>>([])
                let clock = LaterClock(by: .seconds(hours * 3600))
                let sweep = OrphanSweep(
                    database: bench.database, store: bench.store, namings: [OriginalInventory(), RenditionStore(), UploadObjects()],
                    clock: clock)
                let result = try await sweep.run(removes: removes) { _, new in found.withLock { $0.formUnion(new.map(\.key)) } }
                #expect(result.orphans == found.withLock { $0.count } && result.bytes == Int64(10 * result.orphans))
                return found.withLock { $0 }
            }
            #expect(try await sweep(after: 23, removes: true) == [])
            #expect(try await sweep(after: 25, removes: false) == Set(orphans))
            for key in orphans { #expect(try await bench.store.size(of: key) == 10) }
            #expect(try await sweep(after: 25, removes: true) == Set(orphans))
            for key in orphans { #expect(try await bench.store.size(of: key) == nil) }
            for key in needed + [foreign] { #expect(try await bench.store.size(of: key) == 10) }
            #expect(try await sweep(after: 25, removes: true) == [])
        }
    }

    @Test("what is left over of most files is not believed", arguments: [(100, 100, false), (101, 101, true), (200, 400, false), (201, 401, true)])
    func implausible(orphans: Int, seen: Int, expected: Bool) {
        #expect(OrphanSweep.Result(seen: seen, orphans: orphans).isImplausible == expected)
    }

    @Test("a count is told in numbers, faults and what is left")
    func progress() {
        var progress = CountProgress("photos", total: 10)
        #expect(progress.line(after: .seconds(5)) == "0%, 0 of 10 photos")
        (progress.done, progress.faults) = (5, 1)
        #expect(progress.line(after: .seconds(5)) == "50%, 5 of 10 photos, 1 failed, 0:05 left")
        #expect(progress.bar(after: .seconds(5), columns: 120).hasPrefix("[####################....................] 50%"))
        #expect(CountProgress("files", total: 0).fraction == 1)
    }
}

/// A clock that is ahead.
private struct LaterClock: WallClock {
    let by: Duration

    func now() -> Timestamp { SystemWallClock().now() + by }
}
