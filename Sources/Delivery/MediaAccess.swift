import Core

/// Decides who gets a media file: by the grant in the URL, or by who signed in.
struct MediaAccess: Sendable {
    let grants: any GrantChecker
    let sessions: any SessionAccess

    /// - Parameter grant: the text of the `grant` query parameter.
    /// - Throws: `Problem` 401 without any credential, 404 for what the caller may not see.
    func check(_ file: MediaFile, principal: Principal, grant: String?) async throws {
        guard let (reader, resource) = try await reader(of: file, principal, grant) else { throw Self.hidden }
        let action: Action = file.requiredRights.contains(.original) ? .readOriginal : .readPhoto
        switch Policy.allows(reader, action, resource) {
        case .allow: if !reader.holds(file.requiredRights, in: resource) { throw Self.hidden }
        case .authenticate: throw Problem.unauthorized("Add a grant to the URL or sign in.")
        case .forbid, .hide: throw Self.hidden
        }
    }

    static let hidden = Problem.notFound("file")

    private func reader(of file: MediaFile, _ principal: Principal, _ grant: String?) async throws -> (Principal, Resource)? {
        if let grant {
            guard let token = grants.check(grant) else { return nil }
            return (.guest(token), .session(token.sessionID, held: token.rights).limited(to: file.sessionID))
        }
        if case .guest(let token) = principal {
            return (principal, .session(token.sessionID, held: token.rights).limited(to: file.sessionID))
        }
        return (principal, try await sessions.resource(principal, file.sessionID))
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

extension Resource {
    /// The same, or nothing held when it is about another session.
    fileprivate func limited(to session: SessionID) -> Resource {
        if case .session(let id, _) = self, id == session { self } else { .session(session, held: []) }
    }
}
