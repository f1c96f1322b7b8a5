import Core
import Crypto
import Database
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

/// Where a fleet's bytes in flight lie.
enum FleetStorage: String, Sendable, CaseIterable { case folder, parts }

enum FleetServers {
    static let moto = Once { try await LocalMoto() }

    static var areInstalled: Bool {
        get async { LocalPostgres.isInstalled ? await LocalMoto.isAvailable : false }
    }
}

/// Nudges between the nodes of one test, which can be lost.
final class TestNudges: Nudges {
    private let listeners = NIOLockedValueBox<[(name: String, body: @Sendable (String) -> Void)]>([])
    private let areLost = NIOLockedValueBox(false)

    func lose() { areLost.withLockedValue { $0 = true } }

    func nudge(_ name: String, _ payload: String) {
        if areLost.withLockedValue({ $0 }) { return }
        for listener in listeners.withLockedValue({ $0 }) where listener.name == name { listener.body(payload) }
    }

    func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) {
        listeners.withLockedValue { $0.append((name, body)) }
    }
}

/// Counts the objects that are read, and can be held up before the first one is stored.
struct WatchedObjects<Store: StreamingObjectStore>: StreamingObjectStore {
    let store: Store
    let reads = NIOLockedValueBox(0)
    let adoptions = Inbox<ObjectKey>()
    /// The first file is only taken over once this is closed.
    var gate: Inbox<Void>?

    func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        let isFirst = adoptions.elements.isEmpty
        adoptions.push(key)
        if isFirst, let gate { try await gate.wait(for: "the gate") { _, isClosed in isClosed ? () : nil } }
        try await store.adopt(localPath, as: key, durable: durable)
    }

    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes {
        reads.withLockedValue { $0 += 1 }
        return try await store.read(key, range: range)
    }

    func size(of key: ObjectKey) async throws -> Int64? { try await store.size(of: key) }
    func remove(_ key: ObjectKey) async throws { try await store.remove(key) }
    func localPath(of key: ObjectKey) -> String? { store.localPath(of: key) }
    func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await store.put(localPath, as: key, durable: durable)
    }
    func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        try await store.page(prefix: prefix, after: cursor, limit: limit)
    }
    func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { try await store.withLocalFile(key, body) }
}

extension WatchedObjects: PartialUploads where Store: PartialUploads {
    func partialUpload(_ key: ObjectKey, length: Int64?) -> PartialUpload { store.partialUpload(key, length: length) }
    func writer(
        of upload: PartialUpload, checkpoints: Bool, record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws -> any PartialUploadWriter {
        try await store.writer(of: upload, checkpoints: checkpoints, record: record)
    }
    func join(
        _ parts: [PartialUpload], into upload: PartialUpload, record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws -> PartialUpload? { try await store.join(parts, into: upload, record: record) }
    func complete(_ upload: PartialUpload) async throws -> Int64 { try await store.complete(upload) }
    func discard(_ upload: PartialUpload) async throws { try await store.discard(upload) }
    func giveBack(_ upload: PartialUpload) async throws { try await store.giveBack(upload) }
}

/// One database, one folder or bucket, and any number of nodes on them.
struct FleetHouse: Sendable {
    let folder: TemporaryFolder
    let database: any Database
    let objects: any StreamingObjectStore
    let parts: WatchedObjects<S3ObjectStore>?
    let nudges = TestNudges()
    let clock = TestClock()
    let events = EventRecorder()
    let session = SessionID(at: Timestamp(milliseconds: 1_700_000_000_000))

    func start(
        database: (any Database)? = nil, plan: CrashPlan = CrashPlan(), boot: String = "boot-1",
        _ configure: (inout IngestConfiguration) -> Void = { _ in }
    ) throws -> Ingest {
        var configuration = IngestConfiguration()
        configuration.freeSpaceReserve = parts == nil ? 0 : .max
        configure(&configuration)
        return try Ingest(
            configuration: configuration, dataFolder: folder.path, database: database ?? self.database, objects: objects,
            events: events, admission: OpenDoor(), completion: PhotoTable(plan: plan), access: OpenDoor(), partials: parts,
            nudges: nudges, isShared: true, clock: clock, uptime: { clock.uptime },
            bootID: boot,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func photos() async throws -> [String] {
        try await database.read { try $0.query("SELECT sha256 FROM test_photos ORDER BY id").map { try $0.get("sha256") } }
    }

    func creation(_ length: Int64?) -> UploadCreation {
        UploadCreation(
            declaration: UploadDeclaration(
                purpose: "session", target: session.description, filename: "a.jpg", contentType: "image/jpeg",
                length: length, sha256: nil),
            metadata: "", hasBody: false)
    }

    func path(of id: UploadID) -> String { "\(folder.path)/uploads/\(id.description.suffix(2))/\(id)" }

    /// What there is of an upload besides its object.
    func remains(of id: UploadID) async throws -> Int {
        if parts == nil { return FileManager.default.fileExists(atPath: path(of: id)) ? 1 : 0 }
        let key = ObjectKey.original(OriginalID(id))
        return try await objects.page(prefix: "partial/\(key)/", after: nil, limit: 10).objects.count
    }

    /// Checks that an upload became one photo, and its object is what was sent.
    func expectPhoto(_ id: UploadID, of bytes: [UInt8]) async throws {
        let row = try #require(try await UploadStore(database: database).find(id))
        #expect(row.state == .completed)
        #expect(row.photoID == PhotoID(id))
        #expect(row.cleanup == .nothing)
        #expect(try await photos() == [hex(bytes)])
        var stored: [UInt8] = []
        for try await chunk in try await objects.read(row.objectKey, range: nil) { stored += chunk.readableBytesView }
        #expect(stored == bytes)
        #expect(try await remains(of: id) == 0)
    }
}

/// A fleet's storage on PostgreSQL, and nodes that are stopped afterwards.
func withFleet(
    _ storage: FleetStorage, endpoint: String? = nil, gate: Inbox<Void>? = nil, _ body: (FleetHouse) async throws -> Void
) async throws {
    let database = try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase())
    try await Migrator.migrate(database, IngestMigrations.all + [PhotoTable.migration])
    let folder = try TemporaryFolder("fleet")
    switch storage {
    case .folder:
        let disk = try DiskObjectStore(root: folder.file("objects"))
        let house = FleetHouse(
            folder: folder, database: database, objects: WatchedObjects(store: disk, gate: gate), parts: nil)
        try await with(house, body) {
            try await disk.shutdown()
            await database.close()
        }
    case .parts:
        let moto = try await FleetServers.moto.value
        var configuration = S3Configuration(
            endpoint: endpoint ?? moto.endpoint, bucket: moto.bucket, accessKey: moto.accessKey,
            secretKey: Secret(moto.secretKey), scratchFolder: folder.file("scratch"))
        configuration.partSize = 5 << 20
        configuration.retry.attempts = 2
        let store = try S3ObjectStore(configuration)
        let watched = WatchedObjects(store: store)
        let house = FleetHouse(folder: folder, database: database, objects: watched, parts: watched)
        try await with(house, body) {
            try await store.shutdown()
            await database.close()
        }
    }
}

/// A store that is dropped without its end is a crash of all tests instead of one that fails.
private func with(
    _ house: FleetHouse, _ body: (FleetHouse) async throws -> Void, end: () async throws -> Void
) async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await body(house)) } catch { result = .failure(error) }
    try await end()
    try result.get()
}

/// The same with two nodes on it.
func withNodes(
    _ storage: FleetStorage, _ configure: (inout IngestConfiguration) -> Void = { _ in },
    _ body: (FleetHouse, Ingest, Ingest) async throws -> Void
) async throws {
    try await withFleet(storage) { house in
        let (first, second) = (try house.start(configure), try house.start(configure))
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(house, first, second)) } catch { outcome = .failure(error) }
        await first.shutdown()
        await second.shutdown()
        try outcome.get()
    }
}

func hex(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined() }

/// Many bytes in little time.
func quickBytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed)
    let words = (0..<(count / 4096 + 512)).map { _ in random.next() }
    return words.withUnsafeBytes { block in
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var start = 0
        while bytes.count < count {
            bytes += block[start..<min(block.count, start + count - bytes.count)]
            // Another stretch each time, so that no two places of the file look alike for long.
            start = (start + 1013) % 2048
        }
        return bytes
    }
}

/// A body in chunks as they come from a socket.
func chunked(_ bytes: ArraySlice<UInt8>) -> IngestService.Incoming<ByteStream> {
    .init(body: ByteStream { continuation in
        var rest = bytes
        while !rest.isEmpty {
            continuation.yield(ByteBuffer(bytes: rest.prefix(65_536)))
            rest = rest.dropFirst(65_536)
        }
        continuation.finish()
    })
}
