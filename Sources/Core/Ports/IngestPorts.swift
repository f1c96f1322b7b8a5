/// What the sender says about a file before its first byte.
public struct UploadDeclaration: Sendable, Equatable {
    /// `session` in this release; `attachment`, `avatar`, `watermark` and `party` follow with their features.
    public var purpose: String
    /// What the purpose points at: for `session` the session's id.
    public var target: String
    /// The sender's name for the file, already cleaned of paths and control characters.
    public var filename: String
    /// The declared media type, e.g. `image/jpeg`; a hint, never trusted.
    public var contentType: String
    /// Total bytes; `nil` while the client does not know.
    public var length: Int64?
    /// Lower-case hex, if the client computed it in advance.
    public var sha256: String?

    public init(
        purpose: String, target: String, filename: String, contentType: String, length: Int64?, sha256: String?
    ) {
        self.purpose = purpose
        self.target = target
        self.filename = filename
        self.contentType = contentType
        self.length = length
        self.sha256 = sha256
    }
}

/// Where an admitted file goes.
public struct UploadPlace: Sendable, Equatable {
    public var sessionID: SessionID
    /// What its owner allows the session beside the house's own quota.
    public var quota: UploadQuota
    /// What an administrator gives the sender's account in place of the house's quota for accounts.
    public var accountQuota: UploadQuota

    public init(sessionID: SessionID, quota: UploadQuota = .unlimited, accountQuota: UploadQuota = .unlimited) {
        self.sessionID = sessionID
        self.quota = quota
        self.accountQuota = accountQuota
    }
}

/// Says whether a file may come, before its bytes do. Implemented by the feature the purpose belongs to.
public protocol UploadAdmission: Sendable {
    /// - Returns: the session the upload's progress is shown in, and what its owner allows it.
    /// - Throws: `Problem` when the principal, the session's state, the type or the length refuse it.
    func admit(_ declaration: UploadDeclaration, from principal: Principal) async throws -> UploadPlace

    /// Bytes of the largest file that may come by that name and declared type, for those whose length comes after them; `nil`
    /// for as many as the house takes.
    func sizeLimit(of declaration: UploadDeclaration) -> Int64?

    /// Whether the principal may go on with (or look at, or end) an upload into that session.
    /// - Throws: `Problem` 401, 403 or 404.
    func admitContinuation(of session: SessionID, from principal: Principal) async throws

    /// What has become of earlier uploads and takes room still. Asked only for holders that have a quota, in a transaction that
    /// writes and sees what was committed before each of its statements (`Isolation.readCommitted`).
    func stored(for holder: QuotaHolder, in transaction: any Transaction) throws -> UploadUsage

    /// What its owner allows a session beside the house's own quota.
    func quota(of session: SessionID, in transaction: any Transaction) throws -> UploadQuota

    /// What an administrator gives an account in place of the house's quota for accounts; unless implemented, nothing.
    func quota(of account: UserID, in transaction: any Transaction) throws -> UploadQuota
}

/// Says how much may come into a session by other ways than an upload. Implemented by the feature that holds uploads to their quotas.
public protocol UploadRoom: Sendable {
    /// What there may be beside all that a session has, stored and under way. It says nothing of what comes in from then on.
    func room(in session: SessionID) async throws -> UploadQuota
}

extension UploadAdmission {
    /// Nothing of its own.
    public func quota(of account: UserID, in transaction: any Transaction) throws -> UploadQuota { .unlimited }
}

extension Problem {
    /// 413: the file is larger than one of its type may be.
    /// - Parameter limit: bytes.
    public static func fileTooLarge(forType limit: Int64) -> Problem {
        Problem(413, "too_large", "A file of this type has at most \(limit) bytes.", members: ["limit": .integer(limit)])
    }
}

/// A file that has arrived whole, is synced, hashed and lies in the object store.
public struct CompletedUpload: Sendable, Equatable {
    public var id: UploadID
    public var sessionID: SessionID
    public var declaration: UploadDeclaration
    /// Bytes.
    public var size: Int64
    /// Lower-case hex.
    public var sha256: String
    public var crc32: UInt32
    /// What its first bytes say it is; `nil` for nothing that Lumiere reads, or when nobody has looked.
    public var sniffed: SniffedType?
    public var objectKey: ObjectKey
    /// The account that sent it; `nil` for a guest.
    public var uploaderID: UserID?
    /// The API key or guest's grant it was sent with; `nil` for a person on a device.
    public var grantID: GrantID?
    public var completedAt: Timestamp

    public init(
        id: UploadID, sessionID: SessionID, declaration: UploadDeclaration, size: Int64, sha256: String, crc32: UInt32,
        sniffed: SniffedType? = nil, objectKey: ObjectKey, uploaderID: UserID?, grantID: GrantID? = nil, completedAt: Timestamp
    ) {
        self.id = id
        self.sessionID = sessionID
        self.declaration = declaration
        self.size = size
        self.sha256 = sha256
        self.crc32 = crc32
        self.sniffed = sniffed
        self.objectKey = objectKey
        self.uploaderID = uploaderID
        self.grantID = grantID
        self.completedAt = completedAt
    }
}

extension CompletedUpload {
    /// The media type by its first bytes. A TIFF may be a raw file all the same, which its name knows.
    public var contentType: String? {
        guard sniffed == .tiff, let named = DeclaredMedia.type(name: declaration.filename), named.hasPrefix("image/x-") else {
            return sniffed?.contentType
        }
        return named
    }
}

/// What became of a finished upload.
public enum UploadOutcome: Sendable, Equatable {
    /// The file is kept: as a new photo or video, or as another original of a photo that is there.
    case created(PhotoID)
    /// The session has the very same bytes already; the new copy can go.
    case duplicate(of: PhotoID)

    public var photoID: PhotoID {
        switch self {
        case .created(let id), .duplicate(let id): id
        }
    }
}

/// Takes over finished uploads. Implemented by the feature the purpose belongs to.
public protocol CompletedUploadHandler: Sendable {
    /// Runs in the transaction that marks the upload completed; called again if that was never committed.
    func completed(_ upload: CompletedUpload, in transaction: any Transaction) throws -> UploadOutcome

    /// Finds where the original lies that a file would only repeat: its row does not say whether it is still there.
    /// - Parameter sha256: lower-case hex.
    /// - Returns: `nil` when that session, whatever other ones have, does not have the file.
    func original(sha256: String, in session: SessionID, transaction: any Transaction) throws -> ObjectKey?

    /// Finds the photo that a file would only repeat, so that its bytes need not come, and treats it as if they had come
    /// again. Asked in the transaction that records the upload, and only for somebody who may upload into that session, once
    /// its original has been seen in the object store.
    /// - Parameters:
    ///   - sha256: lower-case hex, as the sender claims it.
    ///   - size: bytes, as the sender claims them; both must be those of the original.
    /// - Returns: `nil` when that session, whatever other ones have, does not have the file.
    func known(
        sha256: String, size: Int64, in session: SessionID, transaction: any Transaction
    ) throws -> PhotoID?
}
