import Core
import Database
import Foundation
import Logging
import ObjectStore
import TestSupport
import Testing
import WebServer

@testable import Processing

/// A database, an object store and a runner over a temporary folder.
struct TestHouse {
    let folder: TestFolder
    let database: any DatabaseDriver
    let objects: DiskObjectStore
    let clock: ManualClock
    let jobs: JobStore
    let renditions: RenditionStore
    let recorder = Recorder()
    let session = SessionID(at: Timestamp(milliseconds: 1))
    /// What watermarks can draw.
    var pictures: (any WatermarkPictures)?

    init(on driver: TestDriver = .sqlite) async throws {
        folder = try TestFolder()
        clock = ManualClock()
        database = try await driver.open(in: folder)
        try await Migrator.migrate(database, ProcessingMigrations.all)
        objects = try DiskObjectStore(root: folder.path + "/objects")
        jobs = JobStore(clock: clock)
        renditions = RenditionStore(clock: clock)
    }

    /// A house that is closed afterwards.
    static func with(_ driver: TestDriver, _ body: (TestHouse) async throws -> Void) async throws {
        let house = try await TestHouse(on: driver)
        do { try await body(house) } catch {
            try? await house.database.close()
            throw error
        }
        try await house.database.close()
    }

    func job(recipe: Recipe = .standard, in session: SessionID? = nil) -> ProcessingJob {
        let id = OriginalID(at: clock.now())
        return ProcessingJob(
            id: JobID(id), originalID: id, photoID: PhotoID(id), sessionID: session ?? self.session, objectKey: .original(id),
            filename: "IMG_0001.JPG", recipe: recipe)
    }

    /// Stores an original and queues its job.
    @discardableResult
    func enqueue(original: Data = Data("original".utf8), recipe: Recipe = .standard) async throws -> ProcessingJob {
        let job = job(recipe: recipe)
        try await put(original, job.objectKey)
        let jobs = jobs
        try await database.write { try jobs.enqueue(job, in: $0) }
        return job
    }

    func put(_ data: Data, _ key: ObjectKey) async throws {
        let file = "\(folder.path)/\(UUID().uuidString)"
        try data.write(to: URL(fileURLWithPath: file))
        try await objects.adopt(file, as: key, durable: false)
    }

    /// Claims as a worker does that looks for lost jobs first.
    func claim(_ turn: ClaimOrder.Turn = .init(), lease: Duration = .seconds(15)) async throws -> ClaimedJob? {
        let jobs = jobs
        try await database.write { try jobs.requeueLost(in: $0) }
        return try await database.write(.readCommitted) { try jobs.claim(by: "test", turn, lease: lease, in: $0) }
    }

    /// What a sole worker does first when it starts.
    func restart() async throws {
        let jobs = jobs
        try await database.write { try jobs.reclaimAll(in: $0) }
    }

    func fail(_ claim: ClaimedJob, _ setback: Setback) async throws -> ProcessingFailure? {
        let jobs = jobs
        return try await database.write { try jobs.fail(claim, setback, in: $0) }
    }

    func standing(_ claim: ClaimedJob) async throws -> LeaseStanding {
        let jobs = jobs
        return try await database.read { try jobs.standing(of: claim, in: $0) }
    }

    /// State and attempts, as `queued 1`; `nil` when there is no such job.
    func state(of job: ProcessingJob) async throws -> String? {
        try await database.read { transaction in
            let row = try transaction.first("SELECT state, attempts FROM processing_jobs WHERE id = \(job.id)")
            return try row.map { "\(try $0.get("state", as: String.self)) \(try $0.get("attempts", as: Int.self))" }
        }
    }

    func renditions(of job: ProcessingJob) async throws -> [Rendition] {
        let renditions = renditions
        return try await database.read {
            try renditions.renditions(of: [job.originalID], transaction: $0)[job.originalID] ?? []
        }
    }

    /// The objects there are, whether or not a row speaks of them.
    func storedRenditions(of job: ProcessingJob) async throws -> Set<ObjectKey> {
        let page = try await objects.page(prefix: "renditions/\(job.originalID)/", after: nil, limit: 100)
        return Set(page.objects.map(\.key))
    }

    // MARK: Running

    func configuration(_ program: String, arguments: [String] = [], decoders: Int = 1) -> ProcessingConfiguration {
        var configuration = ProcessingConfiguration(
            decoderPath: program, scratchFolder: folder.path + "/scratch", decoders: decoders)
        configuration.decoderArguments = arguments
        configuration.expressDecoders = 0
        configuration.pollInterval = .milliseconds(20)
        // The clock is moved far ahead to get past back-offs.
        configuration.lease = .seconds(36_000)
        return configuration
    }

    func runner(_ configuration: ProcessingConfiguration, exclusive: Bool = true) -> JobRunner {
        JobRunner(
            configuration: configuration, database: database, objects: objects, jobs: jobs, renditions: renditions,
            listener: recorder, pictures: pictures, exclusive: exclusive, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a runner beside a body and stops it afterwards.
    /// - Parameter metrics: keeps the runner's numbers.
    func running(
        _ configuration: ProcessingConfiguration, metrics: PrometheusMetrics = PrometheusMetrics(),
        _ body: () async throws -> Void
    ) async throws {
        var runner = runner(configuration)
        runner.house.metrics = ProcessingMetrics(factory: metrics)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [runner] in try await runner.run() }
            do { try await body() } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Runs the scripted decoder in a mode.
    func script(_ mode: String) throws -> ProcessingConfiguration {
        let script = try folder.write(scriptedDecoder, to: "decoder.py")
        return configuration("/usr/bin/env", arguments: ["python3", script, mode, folder.path + "/state"])
    }
}

/// The databases that a test runs on.
enum TestDriver: String, Sendable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgres = "PostgreSQL"

    static var installed: [TestDriver] { LocalPostgres.isInstalled ? [.sqlite, .postgres] : [.sqlite] }

    var testDescription: String { rawValue }

    func open(in folder: TestFolder) async throws -> any DatabaseDriver {
        switch self {
        case .sqlite: try await SQLiteDatabase.open(folder.path + "/test.sqlite")
        case .postgres: try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase())
        }
    }
}
