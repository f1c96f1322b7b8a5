/// A file derived from an original.
public struct Rendition: Sendable, Equatable, Codable {
    /// What it was derived from.
    public var originalID: OriginalID
    /// What it is for.
    public var name: RenditionName
    /// The form it is in.
    public var format: MediaFormat
    /// `Recipe.hash` of what made it.
    public var recipe: String
    /// Pixels, after orientation.
    public var width: Int
    /// Pixels, after orientation.
    public var height: Int
    /// Bytes.
    public var size: Int64
    /// Lower-case hex; the strong ETag.
    public var sha256: String
    /// Of its bytes; `nil` when nobody has looked, as of an original that serves as it is.
    public var crc32: UInt32?
    /// Where it lies; the original's own key when that serves as it is.
    public var objectKey: ObjectKey

    /// A rendition; see the properties of the same names.
    public init(
        originalID: OriginalID, name: RenditionName, format: MediaFormat, recipe: String, width: Int, height: Int,
        size: Int64, sha256: String, crc32: UInt32? = nil, objectKey: ObjectKey
    ) {
        self.originalID = originalID
        self.name = name
        self.format = format
        self.recipe = recipe
        self.width = width
        self.height = height
        self.size = size
        self.sha256 = sha256
        self.crc32 = crc32
        self.objectKey = objectKey
    }

    /// `/media/{original}/{name}-{recipe}.{ext}`: the same for everybody, for ever.
    public var path: String { MediaPath.rendition(originalID, name, recipe: recipe, format).text }
}

/// What a `/media/` URL names.
///
/// It begins with the id of an original, not of a photo: a photo may come to display another original, and what a URL
/// gives must never change. As long as a photo has one original, both are the same id.
public enum MediaPath: Sendable, Hashable {
    /// A derived file, with the `Recipe.hash` of what made it.
    case rendition(OriginalID, RenditionName, recipe: String, MediaFormat)
    /// The file as it was uploaded.
    case original(OriginalID)

    /// The path of the URL.
    public var text: String {
        switch self {
        case .rendition(let id, let name, let recipe, let format):
            "/media/\(id)/\(name.file(recipe: recipe, format))"
        case .original(let id): "/media/\(id)/original"
        }
    }

    /// Reads the two path segments after `/media/`; `nil` when they name nothing.
    public init?(id: String, file: String) {
        guard let original = OriginalID(id) else { return nil }
        if file == "original" {
            self = .original(original)
            return
        }
        let parts = file.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let format = MediaFormat(fileExtension: parts[1]), let (name, recipe) = RenditionName.parts(of: parts[0])
        else { return nil }
        self = .rendition(original, name, recipe: recipe, format)
    }
}

extension String {
    /// A media path with what opens it.
    /// - Parameter grant: a signed token; `nil` leaves the plain path.
    public func granted(_ grant: String?) -> String { grant.map { "\(self)?grant=\($0)" } ?? self }
}

extension RenditionName {
    /// The last segment of a rendition's URL, by which the documents of a film speak of its files.
    public func file(recipe: String, _ format: MediaFormat) -> String { "\(rawValue)-\(recipe).\(format.fileExtension)" }
}

/// A file Delivery can send, with what it must know to decide and to answer.
public struct MediaFile: Sendable, Equatable {
    /// The session whose rights decide.
    public var sessionID: SessionID
    /// What the asker must hold in that session.
    public var requiredRights: Rights
    /// Where it lies.
    public var objectKey: ObjectKey
    /// Bytes.
    public var size: Int64
    /// Lower-case hex of the content.
    public var sha256: String
    /// The media type.
    public var contentType: String
    /// For Content-Disposition.
    public var filename: String
    /// For Last-Modified.
    public var modifiedAt: Timestamp
    /// Whether it tells where it was made, and whom.
    public var place: Place

    /// Who may learn from a file where it was made.
    public enum Place: Sendable, Equatable {
        /// It does not tell: what is derived never does.
        case untold
        /// An original, or a rendition that is the original itself, of a session that shows where it was: whoever may fetch it.
        case shown
        /// The same of any other session: staff.
        case hidden
    }

    /// A file; see the properties of the same names.
    public init(
        sessionID: SessionID, requiredRights: Rights, objectKey: ObjectKey, size: Int64, sha256: String,
        contentType: String, filename: String, modifiedAt: Timestamp, place: Place = .untold
    ) {
        self.sessionID = sessionID
        self.requiredRights = requiredRights
        self.objectKey = objectKey
        self.size = size
        self.sha256 = sha256
        self.contentType = contentType
        self.filename = filename
        self.modifiedAt = modifiedAt
        self.place = place
    }
}
