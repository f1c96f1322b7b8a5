public import Core
import Crypto
public import Logging

/// The rules of links: how they are made, changed and removed; see `ShareLinkService+entry` for those who come by them.
public struct ShareLinkService: Sendable {
    let sessions: SessionService
    let passwords: LinkPasswords
    let secrets: any SecretKeeper
    let settings: ShareLinkSettings
    let logger: Logger
    let links = ShareLinkStore()
    let uses = LinkUseStore()

    var database: any Database { sessions.database }
    var clock: any WallClock { sessions.clock }

    public init(
        _ sessions: SessionService, passwords: any PasswordKeeper, secrets: any SecretKeeper,
        settings: ShareLinkSettings = ShareLinkSettings(), logger: Logger
    ) {
        self.sessions = sessions
        self.passwords = LinkPasswords(sessions.attempts, passwords)
        self.secrets = secrets
        self.settings = settings
        self.logger = logger
    }

    /// Makes a link.
    /// - Parameters:
    ///   - house: scheme and authority for its URL.
    ///   - principal: who does it; `nil` for Lumiere itself, also below.
    /// - Throws: `Problem` 404, 409 `too_many_links`, 422, 503 `busy`.
    func create(
        _ input: LinkInput, in session: SessionID, at house: String, by principal: Principal? = nil
    ) async throws -> LinkView {
        let now = clock.now()
        try requireAhead(input.expiresAt, now)
        let (id, token) = (LinkID(at: now), Secret(RandomToken.secret(bytes: 18)))
        let link = ShareLink(
            id: id, sessionID: session, name: input.name, rights: Rights(names: input.rights ?? ["view"]).completed,
            tokenHash: Self.hash(token.reveal), sealedToken: try secrets.seal(token, for: id.description),
            passwordHash: try await hash(input.password), expiresAt: input.expiresAt, maxUses: input.maxUses ?? 0,
            maxDownloads: input.maxDownloads ?? 0, createdAt: now)
        try await database.write { tx in
            guard try SessionStore().find(session, tx) != nil else { throw Problem.notFound("session") }
            guard try links.count(of: session, tx) < settings.linksPerSession else {
                throw Problem.conflict("too_many_links", "A session has at most \(settings.linksPerSession) links.")
            }
            try links.insert(link, tx)
            try sessions.audit.note("link_created", in: session, subject: link.id.description, change: link.audited, by: principal, tx)
        }
        return view(link, at: house)
    }

    /// A page of a session's links, newest first.
    /// - Throws: `Problem` 404.
    func list(of session: SessionID, after cursor: Cursor?, limit: Int, at house: String) async throws -> Page<LinkView> {
        let found = try await database.read { tx in
            guard try SessionStore().find(session, tx) != nil else { throw Problem.notFound("session") }
            return try links.list(of: session, after: cursor, limit: limit + 1, tx)
        }
        return Page(found.map { view($0, at: house) }, limit: limit) {
            Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
        }
    }

    /// One link.
    /// - Throws: `Problem` 404.
    func view(_ id: LinkID, in session: SessionID, at house: String) async throws -> LinkView {
        view(try await database.read { tx in try find(id, in: session, tx) }, at: house)
    }

    /// Changes a link. Whoever came in by it and could do more than who comes now is shown out.
    /// - Throws: `Problem` 404, 422, 503 `busy`.
    func update(
        _ id: LinkID, in session: SessionID, _ change: LinkChange, at house: String, by principal: Principal? = nil
    ) async throws -> LinkView {
        let now = clock.now()
        try requireAhead(change.expiresAt ?? nil, now)
        let passwordHash = try await hash(change.password ?? nil)
        let link = try await database.write { tx in
            let old = try find(id, in: session, tx)
            var new = old
            new.name = change.name ?? old.name
            if let names = change.rights { new.rights = Rights(names: names).completed }
            if change.password != nil { new.passwordHash = passwordHash }
            new.expiresAt = change.expiresAt ?? old.expiresAt
            new.maxUses = change.maxUses ?? old.maxUses
            new.maxDownloads = change.maxDownloads ?? old.maxDownloads
            // By the current key, so that the URL can be shown for longer.
            if let token = token(of: old) { new.sealedToken = try secrets.seal(token, for: id.description) }
            try links.update(new, tx)
            if new.showsGuestsOut(comparedTo: old) { try sessions.grants.revokeAll(under: GrantID(id), in: tx) }
            let changes = JSONValue.object(JSONValue.change(from: old.audited, to: new.audited))
            try sessions.audit.note("link_updated", in: session, subject: id.description, change: changes, by: principal, tx)
            return new
        }
        return view(link, at: house)
    }

    /// Removes a link and shows out all who came in by it.
    /// - Throws: `Problem` 404.
    func remove(_ id: LinkID, in session: SessionID, by principal: Principal? = nil) async throws {
        try await database.write { tx in
            guard try links.remove(id, in: session, tx) else { throw Problem.notFound("link") }
            try sessions.grants.revokeAll(under: GrantID(id), in: tx)
            try sessions.audit.note("link_removed", in: session, subject: id.description, by: principal, tx)
        }
    }

    /// Removes all links of a session and shows out all who came in by them.
    /// - Throws: `Problem` 404.
    func removeAll(in session: SessionID, by principal: Principal? = nil) async throws {
        try await database.write { tx in
            guard try SessionStore().find(session, tx) != nil else { throw Problem.notFound("session") }
            for id in try links.removeAll(of: session, tx) { try sessions.grants.revokeAll(under: GrantID(id), in: tx) }
            try sessions.audit.note("links_removed", in: session, by: principal, tx)
        }
    }

    /// A page of what a link was used for, newest first.
    /// - Throws: `Problem` 404.
    func uses(of id: LinkID, in session: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<LinkUseView> {
        let found = try await database.read { tx in
            _ = try find(id, in: session, tx)
            return try uses.list(of: id, before: cursor?.key ?? .max, limit: limit + 1, tx)
        }
        return Page(found.map(LinkUseView.init), limit: limit) { Cursor(key: $0.number, id: String($0.number)) }
    }

    /// Forgets what is too old, every hour until cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await forget()
            } catch {
                logger.error("old uses of links could not be forgotten; trying again later", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }

    /// Forgets uses that are too old, downloads of guests whose time has ended, and links of sessions that are no more.
    func forget() async throws {
        let now = clock.now()
        let (oldest, ended) = (now - settings.logRetention, now - SessionService.guestLifetime - .seconds(2 * 86_400))
        try await database.write(.readCommitted) { tx in
            try uses.forget(before: oldest, tx)
            try links.forgetDownloads(ofGuestsBefore: ended, tx)
            try links.removeOrphans(tx)
        }
    }

    // MARK: Parts

    /// How a link's token is kept: it is random and long, so a plain SHA-256 is enough.
    static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    private func hash(_ password: String?) async throws -> String? {
        guard let password else { return nil }
        return try await passwords.keeper.hash(password)
    }

    private func find(_ id: LinkID, in session: SessionID, _ tx: any Transaction) throws -> ShareLink {
        guard let link = try links.find(id, in: session, tx) else { throw Problem.notFound("link") }
        return link
    }

    private func token(of link: ShareLink) -> Secret? { secrets.open(link.sealedToken, for: link.id.description) }

    private func view(_ link: ShareLink, at house: String) -> LinkView {
        LinkView(link, url: token(of: link).map { "\(house)/s/\($0.reveal)" })
    }

    private func requireAhead(_ time: Timestamp?, _ now: Timestamp) throws {
        if let time, time <= now { throw Problem.invalid("/expiresAt", "expiresAt must lie ahead.") }
    }
}
