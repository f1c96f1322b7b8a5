public import Core

/// Lists what can be taken away of sessions.
public struct SessionArchives: ArchiveCatalog {
    let database: any Database
    let renditions: any RenditionCatalog
    let clock: any WallClock
    var files = ArchiveStore()
    private let sessions = SessionStore()
    private let missing = MissingStore()
    private let attempts: any AttemptLimiter
    private let selections: ArchiveChoiceStore

    /// Photos that are asked for by their ids; of more, all are read.
    private static let maximumNamed = 500

    /// - Parameters:
    ///   - grants: tell which guests are in: what others chose makes room.
    ///   - attempts: limits how fast a guest chooses, each time anew.
    public init(
        database: any Database, grants: any GrantRegistry, attempts: any AttemptLimiter, renditions: any RenditionCatalog,
        clock: any WallClock
    ) {
        self.database = database
        self.attempts = attempts
        self.selections = ArchiveChoiceStore(grants: grants)
        self.renditions = renditions
        self.clock = clock
    }

    public func listing(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        let now = clock.now()
        return try await database.read { tx in
            guard let session = try sessions.find(subject.session, tx) else { return nil }
            guard let name = subject.selection else { return try listing(subject, of: session, nil, at: now, tx) }
            guard let chosen = try selections.photos(name, in: session.id, at: now, tx) else { return nil }
            return try listing(subject, of: session, chosen, at: now, tx)
        }
    }

    public func revision(_ subject: ArchiveSubject) async throws -> String? {
        let now = clock.now()
        return try await database.read { tx in
            guard let session = try sessions.find(subject.session, tx) else { return nil }
            if let name = subject.selection, try !selections.isKept(name, in: session.id, at: now, tx) { return nil }
            return try revision(of: session, tx)
        }
    }

    private func revision(of session: Session, _ tx: any Transaction) throws -> String {
        "\(session.settings.showLocation) \(session.title)\n\(try files.revision(of: session.id, tx))"
    }

    public func gives(_ objects: [ObjectKey], in subject: ArchiveSubject) async throws -> Bool {
        let originals = Set(objects.compactMap(\.originalID))
        return try await database.read { tx in try files.given(originals, subject, tx) == originals }
    }

    public func tellsPlaces(_ session: SessionID) async throws -> Bool? {
        try await database.read { tx in try sessions.find(session, tx)?.settings.showLocation }
    }

    private func listing(
        _ subject: ArchiveSubject, of session: Session, _ chosen: [PhotoID]?, at now: Timestamp, _ tx: any Transaction
    ) throws -> ArchiveListing {
        let tellsPlaces = session.settings.showLocation
        var listing = ArchiveListingBuilder(title: session.title, revision: try revision(of: session, tx), tellsPlaces: tellsPlaces)
        let hidesPlace = !tellsPlaces && !subject.isForDesk
        let named = chosen.flatMap { $0.count <= Self.maximumNamed ? $0 : nil }
        let wanted = named == nil ? chosen.map(Set.init) : nil
        let inDetail = subject.files == .renditions || hidesPlace || wanted != nil
        let lost = try missing.objects(of: session.id, tx)
        var last: ArchiveStore.File?
        repeat {
            var page = try files.files(subject, of: named, after: last, inDetail: inDetail, tx)
            last = page.count == files.page ? page.last : nil
            if let wanted { page.removeAll { $0.detail.map { !wanted.contains($0.photoID) } ?? true } }
            for file in inDetail ? try given(page, subject, hidesPlace: hidesPlace, tx) : page.map(\.stored) {
                listing.append(lost.contains(file.objectKey) ? file.asMissing : file)
            }
            guard listing.count <= ArchiveSubject.maximumFiles else {
                throw Problem.conflict("too_many_files", "An archive has at most \(ArchiveSubject.maximumFiles) files: choose some.")
            }
        } while last != nil
        return listing.listing
    }

    /// In what form files are given, if at all.
    private func given(
        _ page: [ArchiveStore.File], _ subject: ArchiveSubject, hidesPlace: Bool, _ tx: any Transaction
    ) throws -> [ArchivedFile] {
        let originals = page.map { hidesPlace ? $0.withoutPlace : $0.stored }
        let seen = zip(page, originals).filter { file, original in
            file.isDisplayed && (subject.files == .renditions || original == nil)
        }
        let recipes = Dictionary(seen.map { ($0.0.originalID, $0.0.detail?.recipe) }) { first, _ in first }
        let downloads = try renditions.downloads(of: recipes, transaction: tx)
        return zip(page, originals).compactMap { file, original in
            if subject.files == .originals, let original { return original }
            return file.isDisplayed ? file.best(of: downloads[file.originalID] ?? [], original) : nil
        }
    }

    public func note(_ checksums: [(file: ArchivedFile, crc32: UInt32?)], of session: SessionID) async throws {
        try await database.write { tx in
            for (file, crc32) in checksums {
                if file.isPlaceless {
                    try files.note(placeless: file.objectKey, crc32: crc32, of: session, tx)
                } else if let crc32 {
                    try renditions.note(crc32: crc32, of: file.objectKey, in: tx)
                }
            }
        }
    }

    public func doubts(of session: SessionID, limit: Int) async throws -> [MissingObject] {
        let time = clock.now() - MissingObject.doubt
        return try await database.read { tx in try missing.objects(of: session, lookedForBefore: time, limit: limit, tx) }
    }

    public func note(missing objects: [MissingObject], of session: SessionID) async throws -> [MissingObject] {
        let now = clock.now()
        return try await database.write { tx in
            // Nothing is kept of a session that is being removed meanwhile.
            guard try sessions.find(session, tx) != nil else { return [] }
            let lost = try objects.filter { try isSpokenOf($0.objectKey, tx) }
            try missing.add(lost, of: session, at: now, tx)
            try missing.remove(objects.filter { !lost.contains($0) }.map(\.objectKey), tx)
            return lost
        }
    }

    /// Whether a row says that an object is there.
    private func isSpokenOf(_ object: ObjectKey, _ tx: any Transaction) throws -> Bool {
        guard let original = object.originalID else { return false }
        if try missing.isOriginal(object, original, tx) { return true }
        return try renditions.renditions(of: [original], transaction: tx)[original]?.contains { $0.objectKey == object } ?? false
    }

    public func note(found objects: [ObjectKey], of session: SessionID) async throws {
        try await database.write { tx in try missing.remove(objects, tx) }
    }

    public func select(_ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser) async throws -> String {
        if chooser.isGuest { try await attempts.attempt("choice:\(chooser.holder)") }
        let now = clock.now()
        let chosen = try await database.read { tx in try selections.present(photos, in: session, tx) }
        if chosen.isEmpty { throw Problem.invalid("/photos", "photos must name some of the session's.") }
        return try await database.write { tx in try selections.insert(chosen, in: session, by: chooser, at: now, tx) }
    }
}

extension ArchiveStore.File {
    fileprivate var isDisplayed: Bool { detail?.isDisplayed ?? false }

    /// Without the place that it may tell; `nil` when that is known to be impossible.
    fileprivate var withoutPlace: ArchivedFile? {
        let found = detail?.placeless.flatMap { $0.version == PlaceRemoval.version ? $0 : nil }
        if let found, found.crc32 == nil { return nil }
        var file = stored
        file.form = .placeless(crc32: found?.crc32)
        return file
    }

    /// What can be seen of the photo, as somebody would call it: a film that plays, else the largest JPEG.
    /// - Parameter original: what is given when the film is the original itself; `nil` for nothing.
    fileprivate func best(of downloads: [Rendition], _ original: ArchivedFile?) -> ArchivedFile? {
        if let film = downloads.first(where: { $0.name == .stream }) {
            if film.objectKey != stored.objectKey { return rendition(film) }
            if let original { return original }
        }
        return downloads.first { $0.format == .jpeg }.map(rendition)
    }

    private func rendition(_ rendition: Rendition) -> ArchivedFile {
        let stem = stored.name.lastIndex(of: ".").map { String(stored.name[..<$0]) } ?? stored.name
        return ArchivedFile(
            name: "\(stem).\(rendition.format.fileExtension)", objectKey: rendition.objectKey, size: rendition.size,
            sha256: rendition.sha256, crc32: rendition.crc32, modifiedAt: stored.modifiedAt)
    }
}
