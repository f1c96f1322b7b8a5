public import Core

/// A session as it is written down when it leaves a house, and read when it comes into one. Nothing in it opens anything: links are
/// without their tokens and passwords.
public struct SessionDocument: Codable, Sendable, Equatable {
    /// Counted up when readers of the version before would misunderstand.
    public static let version = 1

    public var version = Self.version
    public var exportedAt: Timestamp
    public var id: SessionID
    public var title: String
    public var description: String
    public var status: Session.Status
    public var accessCode: String
    public var settings: SessionSettings
    public var occasion: Occasion
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var links: [LinkDocument]

    /// A link into the session, for reading: whoever takes the session over makes new ones.
    public struct LinkDocument: Codable, Sendable, Equatable {
        public var name: String
        public var rights: [String]
        public var hasPassword: Bool
        public var expiresAt: Timestamp?
        public var maxUses: Int
        public var uses: Int
        public var maxDownloads: Int
        public var downloads: Int
        public var createdAt: Timestamp
    }

    init(_ session: Session, links: [ShareLink], at now: Timestamp) {
        (exportedAt, id, title, description) = (now, session.id, session.title, session.about)
        (status, accessCode, settings) = (session.status, session.accessCode, session.settings)
        occasion = session.occasion
        (createdAt, updatedAt) = (session.createdAt, session.updatedAt)
        self.links = links.map(LinkDocument.init)
    }
}

extension SessionDocument.LinkDocument {
    init(_ link: ShareLink) {
        (name, rights, hasPassword) = (link.name, link.rights.names, link.passwordHash != nil)
        (expiresAt, createdAt) = (link.expiresAt, link.createdAt)
        (maxUses, uses, maxDownloads, downloads) = (link.maxUses, link.uses, link.maxDownloads, link.downloads)
    }
}
