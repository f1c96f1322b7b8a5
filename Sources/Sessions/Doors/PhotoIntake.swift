public import Core
import Foundation

/// Turns finished uploads into photos and their work, and hears how that work goes.
public struct PhotoIntake: Sendable {
    let jobs: any JobQueue & RenderQueue
    let renditions: any RenditionCatalog
    let events: any EventPublisher & EventRewriter
    let clock: any WallClock
    let pairing: PairingRules
    let media: MediaRules
    let recipe: Recipe
    let grants: any GrantRegistry
    let names: NameBook
    let activity: ActivitySheet
    let photos = PhotoStore()
    let companions = CompanionStore()
    private let renderings = RenderingStore()
    let sessions = SessionStore()

    /// - Parameters:
    ///   - grants: tell whose photos are shown without having been reviewed.
    ///   - names: tell what those are called who send files.
    ///   - recipe: what photos become in sessions that want nothing else.
    ///   - activity: where it is noted how long photos take to be seen, for somebody to write it down.
    public init(
        jobs: any JobQueue & RenderQueue, renditions: any RenditionCatalog, grants: any GrantRegistry, names: any PersonNames,
        events: any EventPublisher & EventRewriter, clock: any WallClock, pairing: PairingRules = PairingRules(),
        media: MediaRules = MediaRules(), recipe: Recipe = .standard,
        activity: ActivitySheet = ActivitySheet()
    ) {
        self.jobs = jobs
        self.renditions = renditions
        self.grants = grants
        self.names = NameBook(grants: grants, names: names)
        self.events = events
        self.clock = clock
        self.pairing = pairing
        self.media = media
        self.recipe = recipe
        self.activity = activity
    }

    /// Tells the desk, and the guests too if the photo is one they can see.
    /// - Parameter onlyDesk: nothing has changed that guests can see.
    func announce(_ id: PhotoID, as type: EventType, onlyDesk: Bool = false, _ tx: any Transaction) throws {
        try PhotoNews(renditions, events).announce(id, as: type, onlyDesk: onlyDesk, tx)
    }
}

extension PhotoIntake: CompletedUploadHandler {
    public func completed(_ upload: CompletedUpload, in transaction: any Transaction) throws -> UploadOutcome {
        guard let session = try taking(upload.sessionID, transaction) else { throw Problem.notFound("session") }
        if let known = try outcome(known: upload, in: session, transaction) { return known }
        if let type = upload.contentType, let failure = media.failure(of: type, size: upload.size) {
            try insert(upload, nil, session, failure, transaction)
            return .created(PhotoID(upload.id))
        }
        let file = pairing.file(upload)
        if session.settings.pairFiles, let file, let photo = try partner(of: file, in: session.id, transaction) {
            try join(upload, file, photo, in: session, transaction)
            return .created(photo.id)
        }
        try insert(upload, file, session, nil, transaction)
        return .created(PhotoID(upload.id))
    }

    /// Adds a photo: to be processed, unless it has failed already.
    private func insert(
        _ upload: CompletedUpload, _ file: PairedFile?, _ session: Session, _ failure: ProcessingFailure?, _ tx: any Transaction
    ) throws {
        let review = try review(of: upload, in: session, tx)
        let name = try upload.sender.flatMap { try names.lastName(of: $0, transaction: tx) }
        guard try photos.insert(upload, file, review: review, sentBy: name, failure: failure, tx) else { throw DatabaseError.constraint("photos") }
        if failure == nil { try process(upload, of: PhotoID(upload.id), in: session, tx) }
        try announce(PhotoID(upload.id), as: SessionEvents.photoStatusUpdated, tx)
    }

    /// Whether what is sent has to be looked at by somebody before guests see it.
    func review(of upload: CompletedUpload, in session: Session, _ tx: any Transaction) throws -> ReviewState {
        guard session.settings.review.asks(about: upload) else { return .approved }
        let grant = try upload.grantID.flatMap { try grants.grant($0, transaction: tx) }
        let isTrusted = grant.map { $0.scopes.contains(.publish) || $0.rights.contains(.publish) } ?? false
        return isTrusted ? .approved : .pending
    }

    /// What became of the same bytes before; `nil` when the session has never seen them.
    private func outcome(known upload: CompletedUpload, in session: Session, _ tx: any Transaction) throws -> UploadOutcome? {
        if let companion = try companions.find(sha256: upload.sha256, in: upload.sessionID, tx) {
            if companion.id == OriginalID(upload.id) { return .created(companion.photoID) }
            if let photo = try photos.find(companion.photoID, tx) { try bringBack(photo, upload, tx) }
            return .duplicate(of: companion.photoID)
        }
        guard let photo = try photos.find(sha256: upload.sha256, in: upload.sessionID, tx) else { return nil }
        if photo.originalID == OriginalID(upload.id) { return .created(photo.id) }
        try bringBack(photo, upload, tx)
        if session.deletedAt == nil { try sentAgain(photo, tx) }
        return .duplicate(of: photo.id)
    }

    public func original(
        sha256: String, in session: SessionID, transaction: any Transaction
    ) throws -> ObjectKey? {
        let companion = try companions.find(sha256: sha256, in: session, transaction)
        let key = try companion?.objectKey ?? photos.find(sha256: sha256, in: session, transaction)?.originalKey
        // The files of a session that is gone for good go, and nothing is to take their place.
        return try key != nil && taking(session, transaction) != nil ? key : nil
    }

    public func known(
        sha256: String, size: Int64, in session: SessionID, transaction: any Transaction
    ) throws -> PhotoID? {
        if let companion = try companions.find(sha256: sha256, in: session, transaction) {
            let isBinned = try photos.find(companion.photoID, transaction)?.curation.binnedAt != nil
            return companion.size == size && !isBinned ? companion.photoID : nil
        }
        guard let photo = try photos.find(sha256: sha256, in: session, transaction), photo.size == size,
            photo.curation.binnedAt == nil
        else { return nil }
        try sentAgain(photo, transaction)
        return photo.id
    }

    /// Staff who sends a photo again that is in the bin wants it back; of guests the desk may have had enough.
    private func bringBack(_ photo: Photo, _ upload: CompletedUpload, _ tx: any Transaction) throws {
        guard photo.curation.binnedAt != nil, upload.uploaderID != nil else { return }
        var back = photo
        back.curation.binnedAt = nil
        try photos.setCuration(back, at: clock.now(), tx)
        guard let session = try sessions.find(photo.sessionID, tx) else { return }
        try CurationNews(renditions, events, grants).changed([photo], of: session, tx)
    }

    /// Whoever sends a photo again that had failed wants it tried again; one that waits or is worked at needs nothing.
    private func sentAgain(_ photo: Photo, _ tx: any Transaction) throws {
        let now = clock.now()
        guard photo.status == .failed, RetryRule().permits(after: try photos.retriedAt(photo.id, tx), at: now) else { return }
        if try retry(photo.id, tx) { try photos.setRetried(photo.id, at: now, tx) }
    }

    /// Puts a failed photo back to work and tells the desk; false when its type is unwanted (still).
    func retry(_ id: PhotoID, _ tx: any Transaction) throws -> Bool {
        if try jobs.requeue(id, in: tx) {
            try refreshRecipe(of: id, tx)
        } else {
            // It had none because of its type, which may be wanted by now.
            guard let photo = try photos.find(id, tx), media.judge(photo.contentType, size: photo.size) == .welcome else {
                return false
            }
            try jobs.enqueue(try job(of: photo, tx), in: tx)
        }
        if try photos.setStatus(.processing, of: id, tx) { try announce(id, as: SessionEvents.photoStatusUpdated, tx) }
        return true
    }

    /// What the session wants may be another than when the work on a photo failed.
    private func refreshRecipe(of id: PhotoID, _ tx: any Transaction) throws {
        if let photo = try photos.find(id, tx) { try jobs.render(try job(of: photo, tx), in: tx) }
    }

    /// Takes back all that was made of a photo, and has it made by what its session wants: until then nobody is shown anything of it.
    func startOver(_ photo: Photo, _ tx: any Transaction) throws {
        let made = try renditions.renditions(of: [photo.originalID], transaction: tx).values.flatMap(\.self)
        try DiscardedObjects().add(try renditions.forget(made, in: tx), tx)
        try photos.setBare(photo.id, tx)
        try jobs.render(try job(of: photo, tx), in: tx)
    }

    /// Has a photo made anew by what its session wants now.
    /// - Returns: false when it is being processed already.
    func deriveAnew(_ photo: Photo, _ tx: any Transaction) throws -> Bool {
        switch photo.status {
        case .processing: return false
        case .failed: return try retry(photo.id, tx)
        case .ready:
            guard try renderings.mark(photo, tx) else { return false }
            try jobs.render(try job(of: photo, tx), in: tx)
            return true
        }
    }

    func job(_ upload: CompletedUpload, of photo: PhotoID, _ tx: any Transaction) throws -> ProcessingJob {
        ProcessingJob(
            id: JobID(upload.id), originalID: OriginalID(upload.id), photoID: photo,
            sessionID: upload.sessionID, objectKey: upload.objectKey, filename: upload.declaration.filename,
            recipe: try recipe(of: upload.sessionID, tx), sha256: upload.sha256)
    }

    private func job(of photo: Photo, _ tx: any Transaction) throws -> ProcessingJob {
        ProcessingJob(photo, recipe: try recipe(of: photo.sessionID, tx))
    }

    private func recipe(of session: SessionID, _ tx: any Transaction) throws -> Recipe {
        try sessions.find(session, tx)?.settings.recipe(from: recipe) ?? recipe
    }
}

extension CompletedUpload {
    /// The account that sent it, or the guest; `nil` when nobody noted who it was.
    fileprivate var sender: Person? { uploaderID.map(Person.user) ?? grantID.map(Person.guest) }
}

extension ProcessingJob {
    /// The work for what a photo displays.
    init(_ photo: Photo, recipe: Recipe) {
        self.init(
            id: JobID(photo.originalID), originalID: photo.originalID, photoID: photo.id, sessionID: photo.sessionID,
            objectKey: photo.originalKey, filename: photo.filename, recipe: recipe, sha256: photo.sha256)
    }
}

extension MediaRules {
    /// Why a file of a known type is not processed.
    func failure(of type: String, size: Int64) -> ProcessingFailure? {
        switch judge(type, size: size) {
        case .welcome: nil
        case .unwanted: ProcessingFailure(code: "unsupported_type", detail: "Files of the type \(type) are not taken here.")
        case .tooLarge(let limit):
            ProcessingFailure(code: "too_large", detail: "A file of the type \(type) can have at most \(limit) bytes here.")
        }
    }
}

/// What a job says counts only while its file is the one displayed: a better one may have come in the meantime.
extension PhotoIntake: ProcessingListener {
    public func inspected(_ job: ProcessingJob, _ facts: MediaFacts, in transaction: any Transaction) throws {
        guard try counts(job, transaction) else { return }
        let zone = try sessions.find(job.sessionID, transaction)?.occasion.zone ?? .gmt
        try photos.setFacts(facts, of: job.photoID, in: zone, transaction)
    }

    public func thumbnailReady(_ job: ProcessingJob, in transaction: any Transaction) throws {
        if try counts(job, transaction) { try appear(job, transaction) }
    }

    /// From now on there is something to be shown.
    private func appear(_ job: ProcessingJob, _ transaction: any Transaction) throws {
        let now = clock.now()
        guard try photos.setThumbed(job.photoID, at: now, transaction) else { return }
        // What comes from another session has been seen before.
        if let photo = try photos.find(job.photoID, transaction), photo.recipe == nil {
            transaction.afterCommit { [activity] in activity.note(latency: now - photo.createdAt, in: photo.sessionID) }
        }
        try announce(job.photoID, as: SessionEvents.newPhoto, transaction)
    }

    public func finished(_ job: ProcessingJob, in transaction: any Transaction) throws {
        guard try counts(job, transaction) else { return try retireReplaced(job.photoID, transaction) }
        try appear(job, transaction)
        // What was derived anew has other URLs than before, whoever has asked for it.
        let isNew = try photos.setReady(job.photoID, by: job.recipe, at: clock.now(), transaction)
        let wasAskedFor = try renderings.unmark(job.photoID, failed: false, transaction)
        try retireReplaced(job.photoID, transaction)
        if isNew || wasAskedFor { try announce(job.photoID, as: SessionEvents.photoStatusUpdated, transaction) }
    }

    public func extended(_ job: ProcessingJob, in transaction: any Transaction) throws {
        guard try counts(job, transaction) else { return try retireReplaced(job.photoID, transaction) }
        guard try photos.find(job.photoID, transaction)?.status == .ready else { return }
        try announce(job.photoID, as: SessionEvents.photoStatusUpdated, transaction)
    }

    /// The photo is what it was; but what was wished for while its file was displayed may come when that is over.
    public func granted(_ job: ProcessingJob, in transaction: any Transaction) throws {
        if try !counts(job, transaction) { try retireReplaced(job.photoID, transaction) }
    }

    /// A photo that could not be derived anew keeps what it has: that is no failure of the photo's.
    public func failed(
        _ job: ProcessingJob, _ failure: ProcessingFailure, in transaction: any Transaction
    ) throws {
        guard try counts(job, transaction) else { return try retireReplaced(job.photoID, transaction) }
        _ = try renderings.unmark(job.photoID, failed: true, transaction)
        guard try photos.find(job.photoID, transaction)?.status != .ready,
            try photos.setStatus(.failed, failure: failure, of: job.photoID, transaction)
        else { return }
        try retireReplaced(job.photoID, transaction)
        try announce(job.photoID, as: SessionEvents.photoStatusUpdated, transaction)
    }

    public func requeued(_ job: ProcessingJob, in transaction: any Transaction) throws {
        guard try counts(job, transaction) else { return }
        try refreshRecipe(of: job.photoID, transaction)
        // One that is only made anew has not been left without anything.
        guard try photos.find(job.photoID, transaction)?.status != .ready,
            try photos.setStatus(.processing, of: job.photoID, transaction)
        else { return }
        try announce(job.photoID, as: SessionEvents.photoStatusUpdated, transaction)
    }

    /// Takes back what was made of files in whose place others are displayed, also when it comes late.
    private func retireReplaced(_ id: PhotoID, _ tx: any Transaction) throws {
        guard let photo = try photos.find(id, tx) else { return }
        try ReplacedFiles(renditions).retire(of: photo, wanted: try recipe(of: photo.sessionID, tx), tx)
    }

    private func counts(_ job: ProcessingJob, _ tx: any Transaction) throws -> Bool {
        try photos.displays(job.originalID, job.photoID, tx)
    }
}
