import Core
import Database
import Logging
import Synchronization
import Testing

@testable import Processing
@testable import Sessions

/// Events as they are sent.
final class SentEvents: EventPublisher, EventRewriter {
    let sent = Mutex<[EphemeralEvent]>([])
    func publish(_ event: DurableEvent, in transaction: any Transaction) throws {}
    func send(_ event: EphemeralEvent) { sent.withLock { $0.append(event) } }
    func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws {}

    /// What the latest says.
    func latest() throws -> RenderingView? { try sent.withLock { $0.last }.map { try JSON.decode(from: $0.data) } }
}

/// A job as it stands.
struct Work {
    var state: String
    var priority: Int
    var recipe: Recipe
}

extension TestHouse {
    func renderingService(_ events: any EventPublisher = SentEvents()) -> RenderingService {
        RenderingService(
            database: database, queue: jobs, renditions: renditions, events: events, recipe: .standard, clock: clock,
            logger: Logger(label: "test"))
    }

    /// State, priority and recipe of each job, by original.
    func work() async throws -> [OriginalID: Work] {
        try await database.read { tx in
            var work: [OriginalID: Work] = [:]
            for row in try tx.query("SELECT original_id, state, priority, recipe FROM processing_jobs") {
                work[try row.get("original_id")] = Work(
                    state: try row.get("state"), priority: try row.get("priority"),
                    recipe: try JSON.decode(from: try row.get("recipe", as: String.self)))
            }
            return work
        }
    }

    /// Ends the work for a photo as a worker does.
    func finish(_ upload: CompletedUpload, _ intake: PhotoIntake) async throws {
        let id = OriginalID(upload.id)
        let recipe = try #require(try await work()[id]?.recipe)
        var job = job(upload)
        job.recipe = recipe
        try await database.write { [job] tx in
            try tx.execute("UPDATE processing_jobs SET state = 'done' WHERE original_id = \(id)")
            try tx.execute("DELETE FROM renditions WHERE original_id = \(id) AND recipe <> \(recipe.hash)")
            for (index, size) in recipe.sizes.enumerated() {
                try tx.execute(
                    """
                    INSERT INTO renditions (original_id, recipe, name, format, session_id, width, height, size, sha256, object_key, created_at)
                    VALUES (\(id), \(recipe.hash), \(size.name), 'jpeg', \(upload.sessionID), \(size.longEdge), 1, 1, 'ab',
                        \(ObjectKey.rendition(id, size.name, recipe: "\(recipe.hash)-\(index)", format: .jpeg)), 0)
                    """)
            }
            try intake.thumbnailReady(job, in: tx)
            try intake.finished(job, in: tx)
        }
    }

    func session(photos count: Int) async throws -> (SessionView, [CompletedUpload]) {
        let owner = try await photographer()
        let session = try await sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
        var uploads: [CompletedUpload] = []
        for index in 0..<count {
            clock.advance(by: .seconds(1))
            let digits = String(index)
            let upload = upload(into: session.id, sha256: String(repeating: "0", count: 64 - digits.count) + digits)
            _ = try await database.write { tx in try intake.completed(upload, in: tx) }
            uploads.append(upload)
        }
        return (session, uploads)
    }

    @discardableResult
    func change(_ session: SessionID, _ settings: String) async throws -> SessionView {
        try await sessions.update(session, try JSON.decode(from: #"{"settings":\#(settings)}"#))
    }

    /// What a worker gets to do next.
    func claim() async throws -> ClaimedJob? {
        try await database.write(.readCommitted) { [jobs] tx in try jobs.claim(by: "test", lease: .seconds(60), in: tx) }
    }

    /// Ends a claim as a worker does that still has it.
    /// - Returns: whether it has.
    @discardableResult
    func complete(_ claim: ClaimedJob) async throws -> Bool {
        let job = claim.job
        return try await database.write { [self] tx in
            guard try jobs.standing(of: claim, in: tx) == .held else { return false }
            for size in job.recipe.sizes { try renditions.put(rendition(size.name, of: job), of: job.sessionID, in: tx) }
            _ = try renditions.removeOthers(of: job.originalID, keeping: job.recipe, in: tx)
            guard try jobs.complete(claim, in: tx) else { return false }
            try intake.thumbnailReady(job, in: tx)
            try intake.finished(job, in: tx)
            return true
        }
    }

    func rendition(_ name: RenditionName, of job: ProcessingJob) -> Rendition {
        let recipe = job.recipe.hash
        return Rendition(
            originalID: job.originalID, name: name, format: .jpeg, recipe: recipe, width: 3, height: 2, size: 3, sha256: "ab",
            objectKey: .rendition(job.originalID, name, recipe: "\(recipe)-ab", format: .jpeg))
    }

    /// Works until nothing waits.
    func workThrough(_ count: Int = .max) async throws {
        var left = count
        while left > 0, let claim = try await claim() {
            try await complete(claim)
            left -= 1
        }
    }

    /// The recipes of what there is of an upload.
    func recipes(of upload: CompletedUpload) async throws -> Set<String> {
        let id = OriginalID(upload.id)
        return Set(try await database.read { [renditions] tx in
            try renditions.renditions(of: [id], transaction: tx)[id, default: []].map(\.recipe)
        })
    }
}
