public import Core

/// Lists what can be taken away of sessions.
public struct SessionArchives: ArchiveCatalog {
    let database: any Database
    let renditions: any RenditionCatalog
    let clock: any WallClock
    private let sessions = SessionStore()
    private let files = ArchiveStore()
    private let selections = SelectionStore()

    /// Photos that are asked for by their ids; of more, all are read.
    private static let maximumNamed = 500

    public init(database: any Database, renditions: any RenditionCatalog, clock: any WallClock) {
        self.database = database
        self.renditions = renditions
        self.clock = clock
    }

    public func listing(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        let now = clock.now()
        return try await database.read { tx in
            guard let session = try sessions.find(subject.session, tx) else { return nil }
            guard let name = subject.selection else { return try listing(subject, of: session, nil, tx) }
            guard let chosen = try selections.photos(name, in: session.id, at: now, tx) else { return nil }
            return try listing(subject, of: session, chosen, tx)
        }
    }

    private func listing(
        _ subject: ArchiveSubject, of session: Session, _ chosen: [PhotoID]?, _ tx: any Transaction
    ) throws -> ArchiveListing {
        var listing = ArchiveListing(title: session.title)
        let hidesPlace = !session.settings.showLocation && !subject.isForDesk
        let named = chosen.flatMap { $0.count <= Self.maximumNamed ? $0 : nil }
        let wanted = named == nil ? chosen.map(Set.init) : nil
        var last: ArchiveStore.File?
        repeat {
            var page = try files.files(subject, of: named, after: last, tx)
            last = page.count == ArchiveStore.page ? page.last : nil
            if let wanted { page.removeAll { !wanted.contains($0.photoID) } }
            for file in try given(page, subject, hidesPlace: hidesPlace, tx) { listing.append(file) }
            guard listing.count <= ArchiveSubject.maximumFiles else {
                throw Problem.conflict("too_many_files", "An archive has at most \(ArchiveSubject.maximumFiles) files: choose some.")
            }
        } while last != nil
        return listing
    }

    /// In what form files are given, if at all.
    private func given(
        _ page: [ArchiveStore.File], _ subject: ArchiveSubject, hidesPlace: Bool, _ tx: any Transaction
    ) throws -> [ArchivedFile] {
        let originals = page.map { hidesPlace ? $0.withoutPlace : $0.stored }
        let seen = zip(page, originals).filter { file, original in
            file.isDisplayed && (subject.files == .renditions || original == nil)
        }
        let recipes = Dictionary(seen.map { ($0.0.originalID, $0.0.recipe) }) { first, _ in first }
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

    public func select(_ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser) async throws -> String {
        let now = clock.now()
        let chosen = try await database.read { tx in try selections.present(photos, in: session, tx) }
        if chosen.isEmpty { throw Problem.invalid("/photos", "photos must name some of the session's.") }
        return try await database.write { tx in try selections.insert(chosen, in: session, by: chooser, at: now, tx) }
    }
}

extension ArchiveStore.File {
    /// Without the place that it may tell; `nil` when that is known to be impossible.
    fileprivate var withoutPlace: ArchivedFile? {
        let found = placeless.flatMap { $0.version == PlaceRemoval.version ? $0 : nil }
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
