import Core

extension ShareLinkService {
    /// Lets a guest in who has a link's token.
    /// - Parameters:
    ///   - address: who is trying, for the rate limits; the log keeps its network alone.
    ///   - principal: as whom, for these limits, and for what they take along.
    /// - Throws: `Problem` 404 for a token of no link, 403 `link_expired`, `link_used_up`, `password_required` or
    ///   `wrong_password`, 429, 503 `busy`.
    func enter(
        _ token: String, name: String?, password: String?, address: String, as principal: Principal = .anonymous
    ) async throws -> Entry {
        let now = clock.now()
        let link = try await find(token, address)
        // Who comes again, under another name say, uses nothing up, and has said the password.
        let known = try await grant(of: principal, by: link)
        let isBack = password == nil && known != nil
        try Self.requireOpen(link, at: now, isBack: isBack)
        if !isBack { try await requirePassword(password, of: link, address, principal) }
        // Each makes a grant.
        try await sessions.attempts.attempt("visit:\(address) \(link.id)")
        let (view, grant) = try await admit(name, as: principal, by: link, address, at: now, isBack: isBack)
        note(.entered, link, address, name: name, at: now)
        return sessions.entry(view, grant)
    }

    /// Who tries tokens of no link is slowed down; who has one is not held up by that.
    private func find(_ token: String, _ address: String) async throws -> ShareLink {
        if let link = try await database.read({ tx in try links.find(tokenHash: Self.hash(token), tx) }) { return link }
        try await sessions.attempts.attempt("visit:\(address)")
        throw Problem.notFound("link")
    }

    private static func requireOpen(_ link: ShareLink, at now: Timestamp, isBack: Bool) throws {
        if let end = link.expiresAt, end <= now { throw Problem.forbidden("The link has expired.", code: "link_expired") }
        if !isBack, link.maxUses > 0, link.uses >= link.maxUses {
            throw Problem.forbidden("The link has been used as often as it may be.", code: "link_used_up")
        }
    }

    private func requirePassword(
        _ password: String?, of link: ShareLink, _ address: String, _ principal: Principal
    ) async throws {
        guard let stored = link.passwordHash else { return }
        guard let password else {
            throw Problem.forbidden("The link asks for a password.", code: "password_required")
        }
        let verdict = try await passwords.judge(password, of: link.id, stored: stored, from: address) {
            try await grant(of: principal, by: link)
        }
        guard case .wrong(let isNew) = verdict else { return }
        if isNew {
            try await log(.wrongPassword, link.id, address)
            note(.wrongPassword, link, address, name: nil, at: clock.now())
        }
        throw Self.wrongPassword
    }

    /// The grant of somebody who came in by that very link.
    private func grant(of principal: Principal, by link: ShareLink) async throws -> GrantID? {
        guard case .guest(let token) = principal, token.sessionID == link.sessionID else { return nil }
        let grant = try await database.read { tx in try sessions.grants.grant(token.grantID, transaction: tx) }
        return grant?.parentID == GrantID(link.id) ? grant?.id : nil
    }

    private static let wrongPassword = Problem.forbidden("That is not the password.", code: "wrong_password")

    private func admit(
        _ name: String?, as principal: Principal, by found: ShareLink, _ address: String, at now: Timestamp, isBack: Bool
    ) async throws -> (SessionView, GrantToken) {
        try await database.write(.readCommitted) { tx in
            let entered = try isBack ? links.find(found.id, in: found.sessionID, tx) : links.enter(found.id, at: now, tx)
            guard let link = entered else {
                if let present = try links.find(found.id, in: found.sessionID, tx) { try Self.requireOpen(present, at: now, isBack: isBack) }
                throw Problem.notFound("link")
            }
            // Changed since it was asked for.
            if link.passwordHash != found.passwordHash { throw Self.wrongPassword }
            guard let session = try SessionStore().find(link.sessionID, tx) else { throw Problem.notFound("link") }
            try add(.entered, link.id, address, name: name, at: now, tx)
            return try sessions.letIn(name, as: principal, to: session, by: link, at: now, tx)
        }
    }

    /// For the log of the whole session.
    private func note(_ kind: AccessKind, _ link: ShareLink, _ address: String, name: String?, at now: Timestamp) {
        sessions.activity.note(
            .init(
                session: link.sessionID, at: now, kind: kind, link: link.id, network: IPAddress.network(of: address), name: name ?? ""))
    }

    private func log(_ kind: LinkUse.Kind, _ link: LinkID, _ address: String) async throws {
        let now = clock.now()
        try await database.write(.readCommitted) { tx in try add(kind, link, address, name: nil, at: now, tx) }
    }

    private func add(
        _ kind: LinkUse.Kind, _ link: LinkID, _ address: String?, name: String?, at now: Timestamp, _ tx: any Transaction
    ) throws {
        try uses.add(
            kind, of: link, network: address.map(IPAddress.network) ?? "", name: name ?? "", at: now,
            keeping: settings.loggedUses, tx)
    }
}

extension ShareLinkService: DownloadCounter {
    public func begin(_ content: String, with token: GrantToken) async throws {
        if try await database.read({ tx in try links.hasDownloaded(content, token.grantID, tx) }) { return }
        let now = clock.now()
        try await database.write(.readCommitted) { tx in
            guard let grant = try sessions.grants.grant(token.grantID, transaction: tx), let parent = grant.parentID,
                let isAllowed = try links.download(content, grant.id, by: LinkID(parent), tx)
            else { return }
            guard isAllowed else {
                throw Problem.forbidden("The link allows no more downloads.", code: "downloads_used_up")
            }
            try add(.downloaded, LinkID(parent), nil, name: grant.name, at: now, tx)
        }
    }

    public func takeBack(_ content: String, with token: GrantToken) async throws {
        try await database.write(.readCommitted) { tx in try links.takeBack(content, token.grantID, tx) }
    }
}
