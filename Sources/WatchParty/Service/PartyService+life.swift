import Core

/// Making, changing and ending parties.
extension PartyService {
    /// Makes a party, whose host its maker is.
    /// - Throws: `Problem` 404 for a film that they may not see, 422, 429.
    func create(_ new: NewParty, by principal: Principal) async throws -> PartyView {
        guard let owner = principal.userID else { throw Problem.unauthorized() }
        let actor = Actor(owner)
        try await limit(actor.person, "parties", RateLimit(burst: 10, interval: .seconds(60)))
        let moment = Moment(now: clock.now(), lead: Schedule.least)
        let title = try PlainText.checked(new.title, length: 1...200, at: "/title", called: "A title")
        let session = try await sessions.create(title: title, owner: owner, by: principal) { session, tx in
            var party = Party(
                id: session.id, settings: PartySettings(new), room: Room(waitSeconds: new.waitSeconds ?? PartySettings().waitSeconds, now: moment.now),
                queueRevision: 0, createdAt: moment.now, updatedAt: moment.now)
            try parties.insert(party, tx)
            let host = PartyMember(
                person: actor.person, name: try name(of: actor.person, in: session.id, at: moment.now, tx), role: .host,
                joinedAt: moment.now, seenAt: Timestamp(milliseconds: 0), isPresent: false)
            try members.put(host, in: session.id, tx)
            for photo in new.mediaIds ?? [] { try addFirst(photo, to: &party, by: actor, as: principal, moment, tx) }
            try parties.update(party, tx)
        }
        return try await view(of: session.id, for: actor, isStaff: true)
    }

    private func addFirst(
        _ photo: PhotoID, to party: inout Party, by actor: Actor, as principal: Principal, _ moment: Moment, _ tx: any Transaction
    ) throws {
        let film = try requireFilm(photo, in: party, as: principal, tx)
        _ = try add(film, to: &party, by: actor, as: principal, moment, tx)
    }

    /// Changes what the host decides.
    /// - Throws: `Problem` 404, 403 `grant_missing`, 422.
    func update(_ id: SessionID, _ change: PartyChange, by actor: Actor, as principal: Principal) async throws -> PartyView {
        let title = try change.title.map { try PlainText.checked($0, length: 1...200, at: "/title", called: "A title") }
        try await write(id) { party, moment, tx in
            try requireHost(actor, in: party, tx)
            change.apply(to: &party.settings)
            party.room.waitSeconds = party.settings.waitSeconds
            party.updatedAt = moment.now
        }
        if let title { try await sessions.retitle(id, to: title, by: principal) }
        try await write(id) { party, moment, tx in try news.tell(try view(party, for: nil, isStaff: false, at: moment.now, tx), tx) }
        return try await view(of: id, for: actor, isStaff: true)
    }

    /// Ends a party for good.
    /// - Throws: `Problem` 404.
    func delete(_ id: SessionID, by principal: Principal) async throws {
        _ = try await database.read { tx in try find(id, tx) }
        try await sessions.delete(id, by: principal)
        floor.forget(id)
    }

    // MARK: Views

    /// A party as somebody in it sees it.
    /// - Parameter isStaff: whether they may let others in.
    /// - Throws: `Problem` 404.
    func view(of id: SessionID, for actor: Actor, isStaff: Bool) async throws -> PartyView {
        let now = clock.now()
        return try await database.read { tx in try view(try find(id, tx), for: actor, isStaff: isStaff, at: now, tx) }
    }

    /// Those that an account takes part in, the newest first; all for administrators.
    func list(for principal: Principal, after cursor: Cursor?, limit: Int) async throws -> Page<PartyView> {
        guard let user = principal.userID else { throw Problem.unauthorized() }
        let now = clock.now()
        return try await database.read { tx in
            let own = principal.role == .admin ? nil : try grants.sessions(of: user, transaction: tx)
            let found = try sessions.parties(among: own, after: cursor, limit: limit + 1, transaction: tx)
            let views = try found.prefix(limit).compactMap { session in
                try parties.find(session.id, tx).map { party in
                    let isStaff = principal.role == .admin || session.ownerID == user
                    return try view(party, session, for: Actor(user), isStaff: isStaff, at: now, tx)
                }
            }
            let next = found.count > limit ? found[limit - 1] : nil
            return Page(items: views, nextCursor: next.map { Cursor(key: $0.createdAt.milliseconds, id: $0.id.description).text })
        }
    }

    private func view(_ party: Party, for actor: Actor?, isStaff: Bool, at now: Timestamp, _ tx: any Transaction) throws -> PartyView {
        guard let session = try sessions.party(party.id, transaction: tx) else { throw Problem.notFound("party") }
        return try view(party, session, for: actor, isStaff: isStaff, at: now, tx)
    }

    /// A locked party is not to be told of any further, and who came by a link with its own bounds is not given what has none.
    private func mayInvite(_ actor: Actor?, to party: Party, _ tx: any Transaction) throws -> Bool {
        guard let actor, !party.settings.isLocked else { return false }
        return try actor.person.grantID.map { try grants.grant($0, transaction: tx)?.parentID == nil } ?? true
    }

    private func view(
        _ party: Party, _ session: PartySession, for actor: Actor?, isStaff: Bool, at now: Timestamp, _ tx: any Transaction
    ) throws -> PartyView {
        let me = try actor.flatMap { try members.find($0.person, in: party.id, tx) }
        let invites = try isStaff || me?.role == .host || mayInvite(actor, to: party, tx)
        return PartyView(
            id: party.id, title: session.title, ownerId: session.ownerID, accessCode: invites ? session.accessCode : nil,
            partyPath: invites ? "/party/\(session.accessCode)" : nil, isLocked: party.settings.isLocked, capacity: party.settings.capacity,
            waitSeconds: party.settings.waitSeconds, grants: party.settings.grants, presentCount: try members.presentCount(party.id, tx),
            me: me.map { PartyMemberView($0, party.settings.grants) }, state: try stateView(party, at: now, tx),
            createdAt: session.createdAt, updatedAt: party.updatedAt)
    }
}

extension Actor {
    /// Who makes something, and owns it.
    fileprivate init(_ owner: UserID) { (person, isManager) = (.user(owner), true) }
}
