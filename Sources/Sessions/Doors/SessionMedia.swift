public import Core

/// Finds the files behind media paths.
public struct SessionMedia: MediaCatalog {
    let database: any Database
    let renditions: any RenditionCatalog
    private let photos = PhotoStore()
    private let sessions = SessionStore()

    public init(database: any Database, renditions: any RenditionCatalog) {
        self.database = database
        self.renditions = renditions
    }

    public func file(_ path: MediaPath) async throws -> MediaFile? {
        try await database.read { tx in
            guard let photo = try photos.find(path.photoID, tx), try sessions.find(photo.sessionID, tx) != nil else {
                return nil
            }
            return switch path {
            case .original: original(photo)
            case .rendition(_, let name, let recipe, let format):
                try renditions.renditions(of: [photo.originalID], transaction: tx)[photo.originalID]?
                    .first { $0.name == name && $0.recipe == recipe && $0.format == format }
                    .map { rendition($0, of: photo) }
            }
        }
    }

    private func original(_ photo: Photo) -> MediaFile {
        MediaFile(
            sessionID: photo.sessionID, requiredRights: photo.shownAt == nil ? [.original, .desk] : .original, objectKey: photo.originalKey, size: photo.size,
            sha256: photo.sha256, contentType: photo.facts?.contentType ?? "application/octet-stream",
            filename: photo.filename, modifiedAt: photo.createdAt)
    }

    private func rendition(_ rendition: Rendition, of photo: Photo) -> MediaFile {
        let stem = photo.filename.split(separator: ".").first.map(String.init) ?? "photo"
        return MediaFile(
            sessionID: photo.sessionID, requiredRights: .view, objectKey: rendition.objectKey, size: rendition.size,
            sha256: rendition.sha256, contentType: rendition.format.contentType,
            filename: "\(stem)-\(rendition.name.rawValue).\(rendition.format.fileExtension)", modifiedAt: photo.createdAt)
    }
}

extension MediaPath {
    var photoID: PhotoID {
        switch self {
        case .rendition(let id, _, _, _), .original(let id): id
        }
    }
}
