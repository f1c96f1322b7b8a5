public import Core

/// Finds the files behind media paths.
public struct SessionMedia: MediaCatalog {
    let database: any Database
    let renditions: any RenditionCatalog
    private let photos = PhotoStore()
    private let companions = CompanionStore()
    private let sessions = SessionStore()

    public init(database: any Database, renditions: any RenditionCatalog) {
        self.database = database
        self.renditions = renditions
    }

    public func file(_ path: MediaPath) async throws -> MediaFile? {
        try await database.read { tx in
            let companion = try companions.find(path.originalID, tx)
            guard let photo = try photo(of: path.originalID, companion, tx), let session = try sessions.find(photo.sessionID, tx)
            else { return nil }
            let place: MediaFile.Place = session.settings.showLocation ? .shown : .hidden
            return switch path {
            case .original: companion.map { original($0, of: photo, place) } ?? original(photo, place)
            case .rendition where companion != nil && photo.status == .ready: nil
            case .rendition(let id, let name, let recipe, let format):
                try renditions.renditions(of: [id], transaction: tx)[id]?
                    .first { $0.name == name && $0.recipe == recipe && $0.format == format }
                    .map { rendition($0, of: photo, $0.objectKey == companion?.objectKey ?? photo.originalKey ? place : .untold) }
            }
        }
    }

    public func stills(of original: OriginalID, recipe: String) async throws -> [Rendition] {
        try await database.read { tx in
            let companion = try companions.find(original, tx)
            guard let photo = try photo(of: original, companion, tx), companion == nil || photo.status != .ready else { return [] }
            let all = try renditions.renditions(of: [original], transaction: tx)[original] ?? []
            return all.filter { $0.recipe == recipe && $0.name.isStill }
        }
    }

    /// Of companions too: those who heard of a photo early hold the URLs of what it displayed then. They work until what it
    /// displays now is there.
    private func photo(of original: OriginalID, _ companion: Companion?, _ tx: any Transaction) throws -> Photo? {
        try companion.map { try photos.find($0.photoID, tx) } ?? photos.find(displaying: original, tx)
    }

    private func original(_ photo: Photo, _ place: MediaFile.Place) -> MediaFile {
        MediaFile(
            sessionID: photo.sessionID, requiredRights: photo.rightsToOriginals, objectKey: photo.originalKey,
            size: photo.size, sha256: photo.sha256, contentType: photo.facts?.contentType ?? "application/octet-stream",
            filename: photo.filename, modifiedAt: photo.createdAt, place: place)
    }

    private func original(_ companion: Companion, of photo: Photo, _ place: MediaFile.Place) -> MediaFile {
        MediaFile(
            sessionID: photo.sessionID, requiredRights: photo.rightsToOriginals, objectKey: companion.objectKey,
            size: companion.size, sha256: companion.sha256, contentType: companion.contentType,
            filename: companion.filename, modifiedAt: photo.createdAt, place: place)
    }

    /// - Parameter place: a film that plays as it is, is the original, and tells as much.
    private func rendition(_ rendition: Rendition, of photo: Photo, _ place: MediaFile.Place) -> MediaFile {
        let stem = photo.filename.prefix(upTo: photo.filename.lastIndex(of: ".") ?? photo.filename.endIndex)
        return MediaFile(
            sessionID: photo.sessionID, requiredRights: photo.rightsToRenditions, objectKey: rendition.objectKey, size: rendition.size,
            sha256: rendition.sha256, contentType: rendition.format.contentType,
            filename: "\(stem.isEmpty ? "photo" : stem)-\(rendition.name.rawValue).\(rendition.format.fileExtension)", modifiedAt: photo.createdAt,
            place: place)
    }
}

extension Photo {
    /// What nobody has been shown yet is for the desk.
    fileprivate var rightsToOriginals: Rights { shownAt == nil ? [.original, .desk] : .original }

    /// What is taken from guests' eyes is for the desk, whatever URLs they have of it.
    fileprivate var rightsToRenditions: Rights { shownAt == nil ? [.view, .desk] : .view }
}

extension MediaPath {
    fileprivate var originalID: OriginalID {
        switch self {
        case .rendition(let id, _, _, _), .original(let id): id
        }
    }
}
