import Accounts
import Broker
import Core
import Database
import Foundation
import Ingest
import Logging
import Processing
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Sessions

/// Sessions with the real features around it, on a database of its own.
struct TestHouse {
    let clock = ManualClock()
    let sheet = ActivitySheet()
    let gate = TestGate()
    let folder: URL
    let database: any DatabaseDriver
    let accounts: AccountsFeature
    let sessions: SessionService
    let photos: PhotoService
    let desk: PhotoDesk
    let intake: PhotoIntake
    let broker: InProcessBroker
    let events: Outbox
    let jobs: JobStore
    let renditions: RenditionStore
    let objects: DiskObjectStore

    var door: SessionDoor { SessionDoor(sessions) }
    var purger: SessionPurger {
        SessionPurger(database: database, objects: objects, renditions: renditions, clock: clock, logger: Logger(label: "test"))
    }

    static let migrations =
        BrokerMigrations.all + AccountMigrations.all + SessionMigrations.all + ProcessingMigrations.all + IngestMigrations.all

    init(on driver: TestDriver = .sqlite) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sessions-\(UUID())")
        database = try await driver.open(in: folder)
        objects = try DiskObjectStore(root: folder.path + "/objects")
        try await Migrator.migrate(database, Self.migrations)
        var settings = AccountSettings()
        settings.passwordCost = 12
        accounts = AccountsFeature(
            database: database, signingKeys: try SigningKeys(secrets: [Secret(String(repeating: "k", count: 32))]),
            settings: settings, clock: clock, logger: Logger(label: "test"))
        jobs = JobStore(clock: clock)
        renditions = RenditionStore(clock: clock)
        broker = try await InProcessBroker(database: database)
        events = Outbox(transport: broker, clock: clock)
        sessions = SessionService(
            database: database, grants: accounts.grants, signer: accounts.grantChecker, attempts: accounts.attempts,
            jobs: jobs, events: events, nudges: broker, accounts: accounts.accounts, clock: clock, activity: sheet,
            parties: gate)
        intake = PhotoIntake(
            jobs: jobs, renditions: renditions, grants: accounts.grants, names: accounts.accounts, events: events, clock: clock,
            activity: sheet)
        photos = PhotoService(
            database: database, grants: accounts.grants, signer: accounts.grantChecker, renditions: renditions,
            intake: intake, clock: clock)
        desk = PhotoDesk(
            photos: photos, sessions: sessions,
            room: SessionRoom(
                configuration: IngestConfiguration(), database: database, admission: SessionDoor(sessions), clock: clock),
            events: Outbox(transport: broker, clock: clock), logger: Logger(label: "test"))
    }

    func remove() async throws {
        try await database.close()
        try FileManager.default.removeItem(at: folder)
    }

    static func with(_ driver: TestDriver = .sqlite, _ body: (TestHouse) async throws -> Void) async throws {
        let house = try await TestHouse(on: driver)
        do {
            try await body(house)
        } catch {
            try? await house.remove()
            throw error
        }
        try await house.remove()
    }

    /// A signed-in photographer.
    func photographer(_ name: String = "ada") async throws -> Principal {
        let user = try await accounts.accounts.createUser(
            email: "\(name)@example.org", username: name, password: "correct horse", role: .photographer)
        return .user(user.id, role: .photographer, device: DeviceID(at: clock.now()))
    }

    /// Who sends what nobody else is said to send.
    static let staff = UserID(at: Timestamp(milliseconds: 0))

    /// A finished upload, as Ingest hands it over.
    func upload(into session: SessionID, sha256: String = String(repeating: "a", count: 64)) -> CompletedUpload {
        let id = UploadID(at: clock.now())
        return CompletedUpload(
            id: id, sessionID: session,
            declaration: UploadDeclaration(
                purpose: "session", target: session.description, filename: "IMG_1.JPG", contentType: "image/jpeg",
                length: 3, sha256: nil),
            size: 3, sha256: sha256, crc32: 1, objectKey: .original(OriginalID(id)), uploaderID: Self.staff,
            completedAt: clock.now())
    }

    func job(_ upload: CompletedUpload, of photo: PhotoID? = nil) -> ProcessingJob {
        ProcessingJob(
            id: JobID(upload.id), originalID: OriginalID(upload.id), photoID: photo ?? PhotoID(upload.id),
            sessionID: upload.sessionID, objectKey: upload.objectKey, filename: "IMG_1.JPG", recipe: .standard)
    }

    /// The names of the events a topic has seen, in order, but those of the session itself.
    func events(_ topic: Topic) async throws -> [String] {
        try await broker.history(of: topic, after: 0, limit: 100).events.map(\.event.name)
            .filter { $0 != SessionEvents.sessionUpdated.name }
    }
}

/// The databases that a test runs on.
enum TestDriver: String, Sendable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgres = "PostgreSQL"

    static var installed: [TestDriver] { LocalPostgres.isInstalled ? [.sqlite, .postgres] : [.sqlite] }

    var testDescription: String { rawValue }

    func open(in folder: URL) async throws -> any DatabaseDriver {
        switch self {
        case .sqlite: try await SQLiteDatabase.open(folder.path + "/test.sqlite")
        case .postgres: try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase())
        }
    }
}

/// A time of day that tests move.
final class ManualClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_795_000_000_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
