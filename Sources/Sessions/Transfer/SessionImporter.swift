public import Core
public import Foundation

/// Makes a session of what was written down elsewhere: with numbers of its own, and photos that come in like uploads.
public struct SessionImporter: Sendable {
    private let service: SessionService
    private let intake: PhotoIntake
    private let sessions = SessionStore()
    private var database: any Database { service.database }
    private var clock: any WallClock { service.clock }

    /// - Parameter intake: of the same database.
    public init(_ service: SessionService, intake: PhotoIntake) { (self.service, self.intake) = (service, intake) }

    /// Makes the session, archived until `end`: nobody is to come in before all is there.
    /// - Parameter picture: what its watermark draws.
    /// - Returns: its number, and the code that lets guests in: another where that is taken here.
    /// - Throws: `Problem` 422 when the document asks for what cannot be.
    public func begin(
        _ document: SessionDocument, picture: Data?, owner: UserID
    ) async throws -> (id: SessionID, accessCode: String) {
        let now = clock.now()
        var session = Session(
            id: SessionID(at: now), ownerID: owner, title: document.title, about: document.description, status: .archived,
            accessCode: document.accessCode, settings: document.settings, occasion: document.occasion, createdAt: document.createdAt,
            updatedAt: now)
        session.history = .imported(as: document.status, at: now)
        // What made it a party is not in the document.
        if session.occasion.type == .party { session.occasion.type = .event }
        // Its photos are not here yet.
        session.occasion.coverID = nil
        if picture == nil { session.settings.watermark?.picture = nil }
        if session.settings.watermark?.fault != nil { session.settings.watermark = nil }
        try check(session)
        do {
            try await insert(session, picture, from: document)
        } catch DatabaseError.duplicate {
            session.accessCode = RandomToken.code()
            try await insert(session, picture, from: document)
        }
        return (session.id, session.accessCode)
    }

    private func check(_ session: Session) throws {
        try Schema.string(1...200).validate(.string(session.title), at: "/title")
        try Schema.string(0...5000).validate(.string(session.about), at: "/description")
        _ = try AccessCode.key(session.accessCode)
        try SessionSettings.schema.validate(try JSON.value(of: session.settings), at: "/settings")
        try session.settings.check(in: intake.recipe)
        try session.occasion.check()
    }

    private func insert(_ session: Session, _ picture: Data?, from document: SessionDocument) async throws {
        let membership = Grant(
            id: GrantID(at: clock.now()), kind: .member, userID: session.ownerID, sessionID: session.id, rights: .owner,
            createdAt: session.updatedAt)
        try await database.write { tx in
            try sessions.insert(session, tx)
            try intake.grants.add(membership, in: tx)
            let change: JSONValue = ["title": .string(session.title), "importedFrom": .string(document.id.description)]
            try service.audit.note("session_created", in: session.id, change: change, by: nil, tx)
            if let picture, let name = session.settings.watermark?.picture {
                try WatermarkPictureStore().add(picture, name, to: session.id, inUse: [name], at: session.updatedAt, tx)
            }
        }
    }

    /// Whether a session that was begun before is there (still), and whose it is.
    public func owner(of session: SessionID) async throws -> UserID? {
        try await database.read { try sessions.find(session, $0)?.ownerID }
    }

    /// The photo that has these bytes in the session already; `nil` when none has.
    public func photo(sha256: String, in session: SessionID) async throws -> PhotoID? {
        try await database.read { tx in
            try intake.companions.find(sha256: sha256, in: session, tx)?.photoID ?? intake.photos.find(sha256: sha256, in: session, tx)?.id
        }
    }

    /// Takes over a photo, as a whole or not at all. One whose displayed file the session has already is left as it is.
    /// - Parameter files: in the order of the document, the displayed one first; they lie in the object store.
    public func add(_ document: PhotoDocument, _ files: [CompletedUpload], to session: SessionID) async throws -> PhotoID {
        try await database.write { tx in try intake.restore(document, files, to: session, at: clock.now(), tx) }
    }

    /// Puts photos into the stacks in which they were.
    /// - Parameter stacks: by photo, which one stands for its stack; at most some hundreds.
    public func stack(_ stacks: [(photo: PhotoID, top: PhotoID)], in session: SessionID) async throws {
        try await database.write { tx in
            for (photo, top) in stacks {
                try tx.execute("UPDATE photos SET stack_id = \(top) WHERE id = \(photo) AND session_id = \(session)")
            }
        }
    }

    /// Gives the session the status that it had, also where its owner has opened it meanwhile. Its retention counts from now on.
    /// - Parameter cover: the photo that it is shown by, if one was chosen.
    /// - Throws: `Problem` 404.
    public func end(_ session: SessionID, as status: Session.Status, cover: PhotoID?) async throws {
        let now = clock.now()
        try await database.write { tx in
            _ = try service.change(session, as: "session_imported", by: nil, at: now, tx) { found in
                (found.status, found.occasion.coverID) = (status, cover)
                found.history = .imported(as: status, at: now)
                if status != .archived { found.history.statusBefore = nil }
            }
        }
    }
}

extension SessionHistory {
    /// Of a session that is archived, whose status is to be that again.
    fileprivate static func imported(as status: Session.Status, at now: Timestamp) -> SessionHistory {
        var history = SessionHistory(statusBefore: status == .archived ? .ended : status, importedAt: now)
        if status == .ended || status == .archived { history.endedAt = now }
        return history
    }
}

extension PhotoIntake {
    /// The same as for an upload, but that its files belong together already and that people have looked at it.
    fileprivate func restore(
        _ document: PhotoDocument, _ files: [CompletedUpload], to session: SessionID, at now: Timestamp, _ tx: any Transaction
    ) throws -> PhotoID {
        guard let displayed = files.first else { throw Problem.invalid("/files", "A photo has a file.") }
        if let known = try photos.find(sha256: displayed.sha256, in: session, tx) { return known.id }
        let failure = displayed.contentType.flatMap { media.failure(of: $0, size: displayed.size) }
        let id = PhotoID(displayed.id)
        guard try photos.insert(displayed, pairing.file(displayed), failure: failure, tx) else { throw DatabaseError.constraint("photos") }
        for (upload, file) in zip(files, document.files).dropFirst() {
            try companions.insert(upload, PairedFile(upload, file), of: id, tx)
        }
        if var photo = try photos.find(id, tx) {
            photo.curation = document.curation.curation(stack: nil)
            let zone = try sessions.find(session, tx)?.occasion.zone ?? .gmt
            photo.takenAt = CaptureTime.moment(photo.curation.capturedAt, in: zone) ?? photo.takenAt
            try photos.setCuration(photo, at: now, tx)
            try photos.setTags(of: photo, tx)
        }
        if failure == nil { try jobs.enqueue(try job(displayed, of: id, tx), in: tx) }
        return id
    }
}

extension PairedFile {
    fileprivate init(_ upload: CompletedUpload, _ file: PhotoDocument.File) {
        self.init(
            stem: FileStem.of(file.filename) ?? file.filename, part: file.role == .motion ? .motion : .raw,
            contentType: upload.contentType ?? upload.declaration.contentType, uploaderID: upload.uploaderID ?? UserID(upload.id),
            arrivedAt: upload.completedAt)
    }
}
