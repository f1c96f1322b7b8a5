public import Core

extension SessionDoor: PartySessions {
    public func create(
        title: String, owner: UserID, by principal: Principal, also: @escaping @Sendable (PartySession, any Transaction) throws -> Void
    ) async throws -> PartySession {
        try await service.createParty(title: title, owner: owner, by: principal) { session, tx in try also(session.asParty, tx) }.asParty
    }

    public func party(_ id: SessionID, transaction: any Transaction) throws -> PartySession? {
        try SessionStore().find(id, transaction).flatMap { $0.occasion.type == .party ? $0.asParty : nil }
    }

    public func parties(
        among ids: [SessionID]?, after cursor: Cursor?, limit: Int, transaction: any Transaction
    ) throws -> [PartySession] {
        var filter = SessionFilter(among: ids.map { .some($0) } ?? .all)
        filter.type = .party
        return try SessionStore().list(filter, after: cursor, limit: limit, transaction).map(\.asParty)
    }

    public func retitle(_ id: SessionID, to title: String, by principal: Principal) async throws {
        var change = SessionChange()
        change.title = title
        _ = try await service.update(id, change, by: principal)
    }

    public func delete(_ id: SessionID, by principal: Principal) async throws { try await service.delete(id, by: principal) }

    public func showOut(_ person: Person, of party: SessionID, by principal: Principal, transaction: any Transaction) throws {
        let session = try service.find(party, transaction)
        switch person {
        case .user(let user): try service.removeMember(user, of: session, by: principal, transaction)
        case .guest(let grant): try service.showOut(grant, of: party, by: principal, transaction)
        }
    }

    public func filmTokens(
        of principal: Principal, in party: SessionID, for films: [Film], transaction: any Transaction
    ) throws -> [OriginalID: String] {
        guard let session = try SessionStore().find(party, transaction) else { return [:] }
        let rights = try service.rights(of: principal, in: session, transaction)
        guard let token = try service.mediaTokens.grant(of: principal, in: session, rights: rights, transaction) else { return [:] }
        let now = service.clock.now()
        let signed = films.map { ($0.originalID, service.signer.sign(token.forFilm($0.originalID, of: $0.sessionID, now: now))) }
        return Dictionary(signed) { first, _ in first }
    }
}

extension Session {
    fileprivate var asParty: PartySession {
        PartySession(id: id, title: title, ownerID: ownerID, accessCode: accessCode, createdAt: createdAt)
    }
}
