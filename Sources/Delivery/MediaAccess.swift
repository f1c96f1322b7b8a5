import Core

/// Decides who gets a media file: by the grant in the URL, or by who signed in.
struct MediaAccess: Sendable {
    let grants: any GrantChecker
    let sessions: any SessionAccess

    static let hidden = Problem.notFound("file")

    /// Who is asking, before anything is looked up: a stranger must not learn which files there are.
    ///
    /// A grant that no longer holds is as good as none: the bearer beside it still counts.
    /// - Parameter grant: the text of the `grant` query parameter.
    /// - Throws: `Problem` 401 without any credential that holds.
    func reader(_ principal: Principal, grant: String?) throws -> Principal {
        if let token = grant.flatMap(grants.check) { return .guest(token) }
        guard principal != .anonymous else { throw Problem.unauthorized("Add a grant to the URL or sign in.") }
        return principal
    }

    /// - Throws: `Problem` 404 for what the reader may not see.
    func check(_ file: MediaFile, _ reader: Principal) async throws {
        let resource = try await resource(file.sessionID, reader)
        let action: Action = file.requiredRights.contains(.original) ? .readOriginal : .readPhoto
        guard Policy.allows(reader, action, resource) == .allow, reader.holds(file.requiredRights, in: resource) else {
            throw Self.hidden
        }
    }

    private func resource(_ session: SessionID, _ reader: Principal) async throws -> Resource {
        guard case .guest(let token) = reader else { return try await sessions.resource(reader, session) }
        return .session(session, held: token.sessionID == session ? token.rights : [])
    }
}

extension Principal {
    /// Whether it has all those rights: a file may ask for more than its action does.
    fileprivate func holds(_ rights: Rights, in resource: Resource) -> Bool {
        if role == .admin { return true }
        if case .session(_, let held) = resource { return held.isSuperset(of: rights) }
        return false
    }
}
