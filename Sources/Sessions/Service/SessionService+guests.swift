import Core

extension SessionService {
    /// Makes a grant for somebody who has shown that they may come in.
    /// - Parameters:
    ///   - principal: who they are so far: a guest of the same session takes along what they chose and marked.
    ///   - link: what they came by; `nil` for the access code.
    /// - Throws: `Problem` 403 `not_released`, `session_expired` or `session_archived`, and of parties 403 `party_locked` or 409 `party_full`.
    func letIn(
        _ name: String?, as principal: Principal, to session: Session, by link: ShareLink?, at now: Timestamp, _ tx: any Transaction
    ) throws -> (SessionView, GrantToken) {
        let rights = link?.grantedRights ?? session.settings.guestRights
        try session.requireOpen(to: rights, at: now)
        var grant = Grant(
            id: GrantID(at: now), kind: .guest, sessionID: session.id, rights: rights, name: name ?? "", createdAt: now,
            expiresAt: [link?.expiresAt, session.settings.expireAt].compactMap(\.self).min(), parentID: link.map { GrantID($0.id) })
        let token = GrantToken(grant, session: session.id, rights: rights, now: now, lifetime: Self.guestLifetime)
        grant.expiresAt = token.expiresAt
        try askForPlace(.guest(grant.id), named: grant.name, as: principal, in: session, tx)
        try grants.add(grant, in: tx)
        if case .guest(let old) = principal, old.sessionID == session.id {
            let (before, after) = (Person.guest(old.grantID), Person.guest(grant.id))
            try SelectionStore().pass(from: before, to: after, in: session.id, tx)
            try MarkStore().pass(from: before, to: after, in: session.id, tx)
        }
        return (try view(session, rights: rights, tx), token)
    }

    /// Parties are not open to whoever may come in. Who was a guest there goes on as that, unless they were shown out meanwhile.
    private func askForPlace(
        _ guest: Person, named name: String, as principal: Principal, in session: Session, _ tx: any Transaction
    ) throws {
        guard session.occasion.type == .party, let parties else { return }
        var former: Person?
        if case .guest(let old) = principal, old.sessionID == session.id, try grants.holding([old.grantID], transaction: tx) != [] {
            former = .guest(old.grantID)
        }
        try parties.admit(guest, named: name, formerly: former, to: session.id, transaction: tx)
    }

    /// Lets somebody in by a code, and notes that, or that it was another code.
    /// - Parameter id: the session whose code was asked for; of a code for no session in particular nobody is told when it is wrong.
    func noting(
        _ id: SessionID?, _ name: String?, _ address: String, at now: Timestamp,
        _ body: @escaping @Sendable (any Transaction) throws -> (SessionView, GrantToken)
    ) async throws -> (SessionView, GrantToken) {
        let network = IPAddress.network(of: address)
        do {
            let (view, token) = try await database.write(body)
            activity.note(.init(session: view.id, at: now, kind: .entered, link: nil, network: network, name: name ?? ""))
            return (view, token)
        } catch let problem as Problem where problem.code == "wrong_code" {
            if let id { activity.note(.init(session: id, at: now, kind: .wrongCode, link: nil, network: network, name: "")) }
            throw problem
        }
    }

    /// A page of the guests who are in, whatever they came by, the latest first.
    /// - Throws: `Problem` 404.
    func guests(of id: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<GuestView> {
        let found = try await database.read { tx in
            guard try SessionStore().find(id, tx) != nil else { throw Problem.notFound("session") }
            return try grants.guests(of: id, after: cursor, limit: limit + 1, transaction: tx)
        }
        return Page(found.map(GuestView.init), limit: limit) { Cursor(key: $0.enteredAt.milliseconds, id: $0.id.description) }
    }

    /// Shows a guest out; who is not in is out already.
    /// - Throws: `Problem` 404.
    func showOut(_ guest: GrantID?, of id: SessionID, by principal: Principal? = nil) async throws {
        try await database.write { tx in
            guard try SessionStore().find(id, tx) != nil else { throw Problem.notFound("session") }
            if let guest { try showOut(guest, of: id, by: principal, tx) }
        }
    }

    /// The same in a transaction.
    func showOut(_ guest: GrantID, of id: SessionID, by principal: Principal?, _ tx: any Transaction) throws {
        guard try grants.revokeGuest(guest, of: id, in: tx) else { return }
        try audit.note("guest_shown_out", in: id, subject: guest.description, by: principal, tx)
    }

    /// Takes back what lets a guest into a session, when that is who leaves it. For all others there is nothing to do, nor do they
    /// learn which sessions there are.
    func leave(_ id: SessionID, as principal: Principal) async throws {
        guard case .guest(let token) = principal, token.sessionID == id else { return }
        _ = try await database.write { tx in try grants.revokeGuest(token.grantID, of: id, in: tx) }
    }

    /// What a guest is told who has come in.
    func entry(_ view: SessionView, _ token: GrantToken) -> Entry {
        Entry(token: signer.sign(token), mediaToken: signer.sign(token.forMedia), expiresAt: token.expiresAt, session: view)
    }
}
