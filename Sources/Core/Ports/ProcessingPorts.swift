/// Work for the decoders: derive everything the recipe asks for from one original.
public struct ProcessingJob: Sendable, Equatable, Codable {
    public var id: JobID
    public var originalID: OriginalID
    public var photoID: PhotoID
    public var sessionID: SessionID
    public var objectKey: ObjectKey
    /// The declared media type and name: hints for messages, never for choosing a decoder.
    public var filename: String
    public var recipe: Recipe
    /// Of the original, lower-case hex, when it is known already.
    public var sha256: String?

    public init(
        id: JobID, originalID: OriginalID, photoID: PhotoID, sessionID: SessionID, objectKey: ObjectKey,
        filename: String, recipe: Recipe, sha256: String? = nil
    ) {
        self.id = id
        self.originalID = originalID
        self.photoID = photoID
        self.sessionID = sessionID
        self.objectKey = objectKey
        self.filename = filename
        self.recipe = recipe
        self.sha256 = sha256
    }
}

/// Durable work. Implemented by Processing.
public protocol JobQueue: Sendable {
    /// Adds a job in the transaction that caused it; a worker starts it right after the commit.
    func enqueue(_ job: ProcessingJob, in transaction: any Transaction) throws

    /// Puts the failed or cancelled job of a photo back into the queue with fresh attempts; false when there is none.
    func requeue(_ photo: PhotoID, in transaction: any Transaction) throws -> Bool

    /// Drops the job of an original, unless a worker is at its first renditions or has ended it: the results are not needed any
    /// more. What is only made beyond those is dropped in any case.
    func cancel(_ original: OriginalID, in transaction: any Transaction) throws

    /// Drops all that is and was done for some originals, at most some hundreds, which are about to go; what is being done for them
    /// vanishes.
    func forget(_ originals: [OriginalID], in transaction: any Transaction) throws

    /// Has what was done for some originals, at most some hundreds, belong to another session.
    /// - Returns: false when something is being done for one of them, or waits to be: then all stay where they are.
    func move(_ originals: [OriginalID], to session: SessionID, in transaction: any Transaction) throws -> Bool

    /// Drops all jobs of a session.
    func cancelAll(of session: SessionID, in transaction: any Transaction) throws
}

/// Hears how a job goes. Implemented by Sessions; every call is in the transaction that records the fact,
/// and may come again after a crash: it must then change nothing.
public protocol ProcessingListener: Sendable {
    /// What the file turned out to be; before any rendition.
    func inspected(_ job: ProcessingJob, _ facts: MediaFacts, in transaction: any Transaction) throws
    /// The thumbnail (or poster's thumbnail) is stored: the photo can be shown.
    func thumbnailReady(_ job: ProcessingJob, in transaction: any Transaction) throws
    /// All renditions are stored.
    func finished(_ job: ProcessingJob, in transaction: any Transaction) throws
    /// Further renditions are stored of what was finished before.
    func extended(_ job: ProcessingJob, in transaction: any Transaction) throws
    /// Renditions are stored that somebody has wished for: nothing that has to be told.
    func granted(_ job: ProcessingJob, in transaction: any Transaction) throws
    /// It is over: no further attempt will be made, unless somebody asks for one.
    func failed(_ job: ProcessingJob, _ failure: ProcessingFailure, in transaction: any Transaction) throws
    /// What had failed or was cancelled is tried again, as somebody has asked for it: what it is to follow may have changed since.
    func requeued(_ job: ProcessingJob, in transaction: any Transaction) throws
}

/// Why a file could not be processed.
public struct ProcessingFailure: Sendable, Equatable, Codable {
    /// Stable, snake_case: `unsupported_format`, `unsupported_type`, `damaged`, `too_large`, `decoder_crashed`, `timed_out`, `internal`,
    /// `cancelled`.
    public var code: String
    /// One sentence for the photographer.
    public var detail: String

    public init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// Finds what was derived. Implemented by Processing; asked by Sessions (lists) and Delivery (bytes).
public protocol RenditionCatalog: Sendable {
    /// All renditions of some originals, small to large.
    func renditions(of originals: [OriginalID], transaction: any Transaction) throws -> [OriginalID: [Rendition]]

    /// The objects that the renditions of a session take up, at most so many.
    func objects(of session: SessionID, limit: Int, transaction: any Transaction) throws -> [ObjectKey]

    /// Forgets those renditions of a session whose objects have been removed.
    func forget(_ objects: [ObjectKey], of session: SessionID, in transaction: any Transaction) throws

    /// Forgets renditions.
    /// - Returns: their objects, which can go after the commit; an original that served as a rendition is none of them.
    func forget(_ renditions: [Rendition], in transaction: any Transaction) throws -> [ObjectKey]

    /// What is given of some originals to those who take away what they see: the largest JPEG, and a film that plays from its
    /// first bytes.
    /// - Parameter originals: with the hash of the recipe by which it was made; `nil` for any.
    func downloads(of originals: [OriginalID: String?], transaction: any Transaction) throws -> [OriginalID: [Rendition]]

    /// Notes the checksum of a rendition from before it was kept.
    func note(crc32: UInt32, of object: ObjectKey, in transaction: any Transaction) throws
}

/// Finds the files behind media paths. Implemented by Sessions over the rendition catalogue.
public protocol MediaCatalog: Sendable {
    /// - Parameter path: what the URL names.
    /// - Returns: `nil` when there is no such file, or no longer.
    func file(_ path: MediaPath) async throws -> MediaFile?

    /// The stills that a recipe has made of an original: those that `file` would find.
    func stills(of original: OriginalID, recipe: String) async throws -> [Rendition]
}
