import Core
import Database
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

struct Crash: Error {}

/// The problem a body throws.
func problem(_ body: () async throws -> some Any) async -> Problem? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? Problem
    }
}

final class TestClock: WallClock {
    private let time = NIOLockedValueBox((wall: Timestamp(milliseconds: 1_800_000_000_000), uptime: Duration.zero))
    func now() -> Timestamp { time.withLockedValue { $0.wall } }
    var uptime: Duration { time.withLockedValue { $0.uptime } }
    func advance(_ duration: Duration) { time.withLockedValue { $0 = ($0.wall + duration, $0.uptime + duration) } }
    /// Sets the clock; no time passes.
    func jump(_ duration: Duration) { time.withLockedValue { $0.wall = $0.wall + duration } }
}

final class EventRecorder: EventPublisher {
    private let sent = NIOLockedValueBox<[EphemeralEvent]>([])
    let news = AsyncStream.makeStream(of: EphemeralEvent.self, bufferingPolicy: .bufferingNewest(1000))
    var events: [EphemeralEvent] { sent.withLockedValue { $0 } }

    func publish(_ event: DurableEvent, in transaction: any Transaction) throws {}
    func send(_ event: EphemeralEvent) {
        sent.withLockedValue { $0.append(event) }
        news.continuation.yield(event)
    }
}

struct OpenDoor: UploadAdmission, SessionAccess {
    /// Bytes of the largest file of each type.
    var largest: [String: Int64] = [:]

    func sizeLimit(of declaration: UploadDeclaration) -> Int64? { largest[declaration.contentType] }

    /// What accounts are given in place of the house's quota.
    var accounts: [UserID: UploadQuota] = [:]

    /// Of whom it has been asked what is stored.
    let asked = NIOLockedValueBox<[QuotaHolder]>([])

    func admit(_ declaration: UploadDeclaration, from principal: Principal) async throws -> UploadPlace {
        guard let id = SessionID(declaration.target) else { throw Problem.notFound("session") }
        return UploadPlace(sessionID: id, accountQuota: principal.userID.flatMap { accounts[$0] } ?? .unlimited)
    }

    func quota(of account: UserID, in transaction: any Transaction) throws -> UploadQuota { accounts[account] ?? .unlimited }

    func admitContinuation(of session: SessionID, from principal: Principal) async throws {}
    func stored(for holder: QuotaHolder, in transaction: any Transaction) throws -> UploadUsage {
        asked.withLockedValue { $0.append(holder) }
        return UploadUsage()
    }

    func quota(of session: SessionID, in transaction: any Transaction) throws -> UploadQuota { .unlimited }
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource { .session(session, held: .owner) }
    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource { .house }
}

/// Where a process may die.
enum CrashPoint: String, Sendable, CaseIterable {
    case beforeAdopt, afterAdopt, inHandler, beforeRemove, afterRemove
}

/// Fails once at its point.
final class CrashPlan: Sendable {
    private let point: NIOLockedValueBox<CrashPoint?>
    init(_ point: CrashPoint? = nil) { self.point = NIOLockedValueBox(point) }

    var isSpent: Bool { point.withLockedValue { $0 == nil } }

    func pass(_ here: CrashPoint) throws {
        let strikes = point.withLockedValue { point in
            guard point == here else { return false }
            point = nil
            return true
        }
        if strikes { throw Crash() }
    }
}

/// What has been handed over, in its order.
final class Arrivals: Sendable {
    private let uploads = NIOLockedValueBox<[CompletedUpload]>([])
    var all: [CompletedUpload] { uploads.withLockedValue { $0 } }
    func add(_ upload: CompletedUpload) { uploads.withLockedValue { $0.append(upload) } }
}

/// Keeps photos in a table of its own, one per content and session.
struct PhotoTable: CompletedUploadHandler {
    static let migration = Migration(
        9000, "test photos",
        up: [
            """
            CREATE TABLE test_photos (
                id TEXT NOT NULL PRIMARY KEY, session TEXT NOT NULL, sha256 TEXT NOT NULL, crc32 INTEGER NOT NULL)
            """
        ],
        down: ["DROP TABLE test_photos"])
    /// A file of that name is refused.
    static let unwanted = "unwanted.jpg"
    var plan = CrashPlan()
    var arrivals = Arrivals()

    func completed(_ upload: CompletedUpload, in tx: any Transaction) throws -> UploadOutcome {
        if upload.declaration.filename == Self.unwanted { throw Problem.notFound("session") }
        let known = try tx.first("SELECT id FROM test_photos WHERE session = \(upload.sessionID) AND sha256 = \(upload.sha256)")
        if let known { return .duplicate(of: try known.get("id")) }
        try tx.execute(
            """
            INSERT INTO test_photos (id, session, sha256, crc32)
            VALUES (\(upload.id), \(upload.sessionID), \(upload.sha256), \(Int64(upload.crc32)))
            """)
        try plan.pass(.inHandler)
        arrivals.add(upload)
        return .created(PhotoID(upload.id))
    }
}

extension PhotoTable {
    func original(sha256: String, in session: SessionID, transaction tx: any Transaction) throws -> ObjectKey? {
        try tx.first("SELECT id FROM test_photos WHERE session = \(session) AND sha256 = \(sha256)")
            .map { .original(OriginalID(try $0.get("id") as UploadID)) }
    }

    /// Knows files of any size.
    func known(sha256: String, size: Int64, in session: SessionID, transaction tx: any Transaction) throws -> PhotoID? {
        try tx.first("SELECT id FROM test_photos WHERE session = \(session) AND sha256 = \(sha256)").map { try $0.get("id") }
    }
}

struct CrashingStore: StreamingObjectStore {
    let disk: DiskObjectStore
    let plan: CrashPlan

    func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try plan.pass(.beforeAdopt)
        try await disk.adopt(localPath, as: key, durable: durable)
        try plan.pass(.afterAdopt)
    }

    func remove(_ key: ObjectKey) async throws {
        try plan.pass(.beforeRemove)
        try await disk.remove(key)
        try plan.pass(.afterRemove)
    }

    func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await disk.put(localPath, as: key, durable: durable)
    }
    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes { try await disk.read(key, range: range) }
    func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        try await disk.page(prefix: prefix, after: cursor, limit: limit)
    }
    func size(of key: ObjectKey) async throws -> Int64? { try await disk.size(of: key) }
    func localPath(of key: ObjectKey) -> String? { disk.localPath(of: key) }
    func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { try await disk.withLocalFile(key, body) }
}

/// A data folder with everything in it; each `start` is a process on it.
struct House: Sendable {
    let folder: String
    let database: any DatabaseDriver
    let disk: DiskObjectStore
    let clock = TestClock()
    let events = EventRecorder()
    let arrivals = Arrivals()
    let session = SessionID(at: Timestamp(milliseconds: 1_700_000_000_000))
    var door = OpenDoor()

    func start(
        boot: String = "boot-1", plan: CrashPlan = CrashPlan(), database: (any Database)? = nil,
        objects: (any StreamingObjectStore)? = nil, _ configure: (inout IngestConfiguration) -> Void = { _ in }
    ) throws -> Ingest {
        var configuration = IngestConfiguration()
        configuration.freeSpaceReserve = 0
        configure(&configuration)
        return try Ingest(
            configuration: configuration, dataFolder: folder, database: database ?? self.database,
            objects: objects ?? CrashingStore(disk: disk, plan: plan), events: events, admission: door,
            completion: PhotoTable(plan: plan, arrivals: arrivals), access: door, clock: clock,
            uptime: { clock.uptime }, bootID: boot,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func path(of id: UploadID) -> String { "\(folder)/uploads/\(id.description.suffix(2))/\(id)" }

    func photos() async throws -> [String] {
        try await database.read { try $0.query("SELECT sha256 FROM test_photos ORDER BY id").map { try $0.get("sha256") } }
    }
}

/// What the houses of a test's task stand on.
enum TestDatabase {
    @TaskLocal static var isPostgres = false

    static func open(in folder: String) async throws -> any DatabaseDriver {
        if isPostgres { return try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase()) }
        return try await SQLiteDatabase.open(folder + "/test.sqlite")
    }
}

func withHouse(_ body: (House) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ingest-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withHouse(in: folder, body)
}

/// The same on a folder that is kept.
func withHouse(in folder: String, _ body: (House) async throws -> Void) async throws {
    let database = try await TestDatabase.open(in: folder)
    try await Migrator.migrate(database, IngestMigrations.all + [PhotoTable.migration])
    let disk = try DiskObjectStore(root: folder + "/objects")
    try await body(House(folder: folder, database: database, disk: disk))
    try await disk.shutdown()
    try await database.close()
}

/// Runs a body with one process on a fresh data folder.
func withIngest(
    _ configure: (inout IngestConfiguration) -> Void = { _ in }, door: OpenDoor = OpenDoor(),
    _ body: (House, Ingest) async throws -> Void
) async throws {
    try await withHouse { house in
        var house = house
        house.door = door
        let ingest = try house.start(configure)
        do { try await body(house, ingest) } catch {
            await ingest.shutdown()
            throw error
        }
        await ingest.shutdown()
    }
}

typealias ByteStream = AsyncThrowingStream<ByteBuffer, any Error>

/// A request's body in those pieces.
func body(_ pieces: [[UInt8]], then error: (any Error)? = nil) -> IngestService.Incoming<ByteStream> {
    .init(body: ByteStream { continuation in
        for piece in pieces { continuation.yield(ByteBuffer(bytes: piece)) }
        continuation.finish(throwing: error)
    })
}

func randomBytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { self.state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

extension House {
    func creation(
        _ length: Int64?, sha256: String? = nil, hasBody: Bool = false, acceptsKnown: Bool = false
    ) -> UploadCreation {
        UploadCreation(
            declaration: UploadDeclaration(
                purpose: "session", target: session.description, filename: "a.jpg", contentType: "image/jpeg",
                length: length, sha256: sha256),
            metadata: "filename YS5qcGc=", hasBody: hasBody, acceptsKnown: acceptsKnown)
    }
}

extension Ingest {
    /// Creates an upload without bytes.
    func create(_ creation: UploadCreation, from sender: Principal = .anonymous) async throws -> UploadID {
        try await service.create(creation, from: sender).0.id
    }

    /// Sends a PATCH.
    func patch(
        _ id: UploadID, at offset: Int64, _ incoming: IngestService.Incoming<ByteStream>, contentLength: Int64? = nil,
        length: Int64? = nil, checksum: String? = nil, from sender: Principal = .anonymous
    ) async throws -> Upload {
        var request = UploadRequest(.append)
        request.offset = String(offset)
        request.contentLength = contentLength
        request.isChunked = contentLength == nil
        request.length = length.map(String.init)
        request.checksum = checksum
        return try await service.append(request, to: id, from: sender, incoming)
    }

    func settled() async { await worker.queue.idle() }
}
