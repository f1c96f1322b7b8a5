public import Core

/// Turns finished uploads into photos and their work, and hears how that work goes.
public struct PhotoIntake: Sendable {
    let jobs: any JobQueue
    let renditions: any RenditionCatalog
    let events: any EventPublisher
    let clock: any WallClock
    private let photos = PhotoStore()
    private let sessions = SessionStore()

    public init(jobs: any JobQueue, renditions: any RenditionCatalog, events: any EventPublisher, clock: any WallClock) {
        self.jobs = jobs
        self.renditions = renditions
        self.events = events
        self.clock = clock
    }

    /// Tells the desk, and the guests too if the photo is one they can see.
    private func announce(_ id: PhotoID, as type: EventType, _ tx: any Transaction) throws {
        guard let photo = try photos.find(id, tx), let session = try sessions.find(photo.sessionID, tx) else { return }
        let files = try renditions.renditions(of: [photo.originalID], transaction: tx)[photo.originalID] ?? []
        let staff = PhotoView(photo, files, session.settings, rights: .owner, grant: nil)
        try events.publish(try DurableEvent(topic: .desk(session.id), type: type, data: staff), in: tx)
        guard photo.shownAt != nil else { return }
        // Events outlive settings in the history: what may be taken back is not in them but only in the lists.
        var settings = session.settings
        settings.showLocation = false
        let guest = PhotoView(photo, files, settings, rights: .view, grant: nil)
        try events.publish(try DurableEvent(topic: .session(session.id), type: type, data: guest), in: tx)
    }
}

extension PhotoIntake: CompletedUploadHandler {
    public func completed(_ upload: CompletedUpload, in transaction: any Transaction) throws -> UploadOutcome {
        guard try sessions.find(upload.sessionID, transaction) != nil else { throw Problem.notFound("session") }
        if try photos.insert(upload, transaction) {
            try jobs.enqueue(job(upload), in: transaction)
            try announce(PhotoID(upload.id), as: SessionEvents.photoStatusUpdated, transaction)
        }
        guard let photo = try photos.find(sha256: upload.sha256, in: upload.sessionID, transaction) else {
            throw DatabaseError.constraint("photos")
        }
        guard photo.id != PhotoID(upload.id) else { return .created(photo.id) }
        // Sent again because it had failed: try again.
        if photo.status == .failed { _ = try retry(photo.id, transaction) }
        return .duplicate(of: photo.id)
    }

    /// Puts a failed photo back to work and tells the desk; false when it has no failed job.
    func retry(_ id: PhotoID, _ tx: any Transaction) throws -> Bool {
        guard try jobs.requeue(id, in: tx) else { return false }
        if try photos.setStatus(.processing, of: id, tx) { try announce(id, as: SessionEvents.photoStatusUpdated, tx) }
        return true
    }

    private func job(_ upload: CompletedUpload) -> ProcessingJob {
        ProcessingJob(
            id: JobID(upload.id), originalID: OriginalID(upload.id), photoID: PhotoID(upload.id),
            sessionID: upload.sessionID, objectKey: upload.objectKey, filename: upload.declaration.filename,
            recipe: .standard, sha256: upload.sha256)
    }
}

extension PhotoIntake: ProcessingListener {
    public func inspected(_ job: ProcessingJob, _ facts: MediaFacts, in transaction: any Transaction) throws {
        try photos.setFacts(facts, of: job.photoID, transaction)
    }

    public func thumbnailReady(_ job: ProcessingJob, in transaction: any Transaction) throws {
        guard try photos.setShown(job.photoID, at: clock.now(), transaction) else { return }
        try announce(job.photoID, as: SessionEvents.newPhoto, transaction)
    }

    public func finished(_ job: ProcessingJob, in transaction: any Transaction) throws {
        guard try photos.setStatus(.ready, of: job.photoID, transaction) else { return }
        try announce(job.photoID, as: SessionEvents.photoStatusUpdated, transaction)
    }

    public func failed(
        _ job: ProcessingJob, _ failure: ProcessingFailure, in transaction: any Transaction
    ) throws {
        guard try photos.setStatus(.failed, failure: failure, of: job.photoID, transaction) else { return }
        try announce(job.photoID, as: SessionEvents.photoStatusUpdated, transaction)
    }
}
