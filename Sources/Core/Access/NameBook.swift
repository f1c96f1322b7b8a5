/// Says what people in sessions call themselves.
public struct NameBook: Sendable {
    let grants: any GrantRegistry
    let names: any PersonNames

    public init(grants: any GrantRegistry, names: any PersonNames) {
        self.grants = grants
        self.names = names
    }

    /// What somebody calls themselves now; empty for a guest without a name.
    /// - Throws: `Problem` 401 `invalid_token` for whoever is let in no longer.
    public func name(of person: Person, in session: SessionID, at now: Timestamp, transaction: any Transaction) throws -> String {
        switch person {
        case .user(let id):
            if let name = try names.name(of: id, transaction: transaction) { return name }
        case .guest(let id):
            let grant = try grants.grant(id, transaction: transaction)
            if let grant, grant.sessionID == session, grant.isValid(at: now) { return grant.name }
        }
        throw Problem.unauthorized("The sign-in is not valid any more.", code: "invalid_token")
    }

    /// What somebody calls or called themselves who may have left since; `nil` for whoever is not known (any more), or gave no name.
    public func lastName(of person: Person, transaction: any Transaction) throws -> String? {
        let name = switch person {
        case .user(let id): try names.name(of: id, transaction: transaction)
        case .guest(let id): try grants.grant(id, transaction: transaction)?.name
        }
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }
}
