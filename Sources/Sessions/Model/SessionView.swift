public import Core

/// A session as its staff or a guest sees it.
public struct SessionView: WireType, Equatable {
    public var id: SessionID
    public var title: String
    public var description: String
    public var status: Session.Status
    public var ownerId: UserID
    public var photoCount: Int
    /// The names of the caller's rights.
    public var rights: [String]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// Staff only, as are those below.
    public var accessCode: String?
    public var settings: SessionSettings?
    public var galleryPath: String?
    /// The latest rendering of its photos; only where one session is asked for.
    public var rendering: RenderingView?

    init(_ session: Session, photoCount: Int, rights: Rights) {
        id = session.id
        title = session.title
        description = session.about
        status = session.status
        ownerId = session.ownerID
        self.photoCount = photoCount
        self.rights = rights.names
        createdAt = session.createdAt
        updatedAt = session.updatedAt
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
        .field("photoCount", .integer(0...Int64.max), "Photos and videos the caller can see."),
        .field(
            "rights", .array(of: .oneOf(Rights.named.map(\.name)), count: 0...Rights.named.count),
            "What the caller may do: `download` saves what can be seen (`?download=1`, archives), `original` fetches the clean file."),
        .field("createdAt", .formatted(.dateTime)),
        .field("updatedAt", .formatted(.dateTime)),
        .optional("accessCode", AccessCode.schema, "Lets guests in. Staff only."),
        .optional("settings", SessionSettings.schema, "Staff only."),
        .optional("galleryPath", .string(), "The gallery page for guests. Staff only."),
        .optional("rendering", RenderingView.schema, "How its photos were last derived anew; only of one session. Staff only."),
    ])
}

/// What is needed to create a session.
struct NewSession: WireType {
    var title: String
    var description: String?
    var accessCode: String?
    var settings: SessionSettings?

    static let schema = Schema.object([
        .field("title", .string(1...200)),
        .optional("description", .string(0...5000)),
        .optional("accessCode", AccessCode.schema, "Chosen, or six characters made up when missing."),
        .optional("settings", SessionSettings.schema),
    ])
}

/// A change to a session: what is missing stays as it is.
struct SessionChange: WireType {
    var title: String?
    var description: String?
    var accessCode: String?
    var status: Session.Status?
    var settings: SettingsChange?

    static let schema = Schema.object([
        .optional("title", .string(1...200)),
        .optional("description", .string(0...5000)),
        .optional("accessCode", AccessCode.schema, "A new code shows out all guests who came in by the old one."),
        .optional("status", .oneOf(Session.Status.allCases.map(\.rawValue))),
        .optional("settings", SessionSettings.schema),
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
