public import Core

/// Puts together what a client needs to start over.
public struct SessionState: SessionStateReader {
    private let sessions: SessionService
    private let photos: PhotoService

    /// How many photos: what fills a screen or two. The others are there page by page.
    static let pageSize = 30

    /// - Parameter photos: of the same database.
    public init(sessions: SessionService, photos: PhotoService) {
        self.sessions = sessions
        self.photos = photos
    }

    public func state(of id: SessionID, for principal: Principal) async throws -> JSONValue {
        let (session, page) = try await sessions.database.read { tx in
            // Strangers are told to sign in, whether there is one or not.
            try Policy.require(principal, .followSession, try SessionDoor(sessions).held(principal, id, tx), what: "session")
            let session = try sessions.find(id, tx)
            let rights = try sessions.rights(of: principal, in: session, tx)
            let page = try photos.page(
                of: session, for: Person(principal), rights: rights, grant: nil, after: nil, limit: Self.pageSize, tx)
            return (try sessions.view(session, rights: rights, tx), page)
        }
        return ["session": try JSON.value(of: session), "photos": try JSON.value(of: page)]
    }
}
