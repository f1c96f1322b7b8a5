public import Core

/// A session as its staff or a guest sees it.
public struct SessionView: WireType, Equatable {
    public var id: SessionID
    public var title: String
    public var description: String
    public var status: Session.Status
    public var ownerId: UserID
    public var type: Occasion.Kind
    public var place: String?
    public var startsAt: Timestamp?
    public var endsAt: Timestamp?
    public var timeZone: String?
    public var language: String?
    /// What to show it by; `nil` while there is nothing that the caller may see.
    public var coverPhotoId: PhotoID?
    /// Whether somebody has chosen that photo.
    public var coverChosen: Bool
    public var photoCount: Int
    /// The names of the caller's rights.
    public var rights: [String]
    /// What the caller is in it; `nil` in events, which tell many.
    public var role: SessionRole?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// Only in the bin.
    public var deletedAt: Timestamp?
    /// Staff only, as are those below.
    public var accessCode: String?
    public var settings: SessionSettings?
    public var galleryPath: String?
    /// The latest rendering of its photos; only where one session is asked for.
    public var rendering: RenderingView?

    /// - Parameter cover: what it is shown by to somebody with these rights.
    init(_ session: Session, photoCount: Int, cover: PhotoID? = nil, rights: Rights) {
        id = session.id
        title = session.title
        description = session.about
        status = session.status
        ownerId = session.ownerID
        type = session.occasion.type
        place = session.occasion.place
        startsAt = session.occasion.startsAt
        endsAt = session.occasion.endsAt
        timeZone = session.occasion.timeZone
        language = session.occasion.language
        coverPhotoId = cover
        coverChosen = cover != nil && cover == session.occasion.coverID
        self.photoCount = photoCount
        self.rights = rights.names
        role = SessionRole(rights)
        createdAt = session.createdAt
        updatedAt = session.updatedAt
        deletedAt = session.deletedAt
        guard rights.contains(.desk) else { return }
        accessCode = session.accessCode
        settings = session.settings
        galleryPath = "/gallery/\(session.accessCode)"
    }

    public static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("title", .string(1...200)),
        .field("description", .string(0...5000)),
        .field("status", .oneOf(Session.Status.allCases.map(\.rawValue))),
        .field("ownerId", .formatted(.uuid)),
        .field("type", Occasion.Kind.schema),
        .optional("place", .string(Occasion.placeLength)),
        .optional("startsAt", .formatted(.dateTime)),
        .optional("endsAt", .formatted(.dateTime)),
        .optional("timeZone", .string(Occasion.zoneLength), "The name in the IANA database that the times are meant in."),
        .optional("language", .string(Occasion.languageLength), "A short language tag (BCP 47)."),
        .optional(
            "coverPhotoId", .formatted(.uuid),
            "The photo to show it by: the chosen one, or else of those that everybody sees the newest that is featured, or the newest."),
        .field("coverChosen", .boolean, "Whether somebody has chosen that photo."),
        .field("photoCount", .integer(0...Int64.max), "Photos and videos the caller can see."),
        .field(
            "rights", .array(of: .oneOf(Rights.named.map(\.name)), count: 0...Rights.named.count),
            "What the caller may do: `download` saves what can be seen (`?download=1`, archives), `original` fetches the clean file."),
        .optional("role", SessionRole.schema, "What the caller is in it; missing in events."),
        .field("createdAt", .formatted(.dateTime)),
        .field("updatedAt", .formatted(.dateTime)),
        .optional("deletedAt", .formatted(.dateTime), "Only in the bin."),
        .optional("accessCode", AccessCode.schema, "Lets guests in. Staff only."),
        .optional("settings", SessionSettings.schema, "Staff only."),
        .optional("galleryPath", .string(), "The gallery page for guests. Staff only."),
        .optional("rendering", RenderingView.schema, "How its photos were last derived anew; only of one session. Staff only."),
    ])
}

/// A guest at the door.
struct EntryRequest: WireType {
    var accessCode: String
    var name: String?
    var cookie: Bool?

    static let aboutCookie = "Sets the media token as a cookie for `/media/`, too: then media URLs work in this browser without it."

    static let schema = Schema.object([
        .field("accessCode", .string(1...64)),
        .optional("name", .string(0...80), "How the guest wants to be called."),
        .optional("cookie", .boolean, aboutCookie),
    ])
}

/// A guest who has been let in.
struct Entry: WireType {
    var token: String
    var mediaToken: String
    var expiresAt: Timestamp
    var session: SessionView

    static let schema = Schema.object([
        .field("token", .string(), "Send it as bearer; it is a secret."),
        .field("mediaToken", .string(), "Append it as `grant` to the media paths of events; it opens nothing else."),
        .field("expiresAt", .formatted(.dateTime)),
        .field("session", SessionView.schema),
    ])
}
