public import Core

/// The rules of sessions: creation, change, deletion, and the guests' entry.
public struct SessionService: Sendable {
    let database: any Database
    let grants: any GrantRegistry
    var members: any MemberRegistry { grants }
    let signer: any GrantChecker
    let attempts: any AttemptLimiter
    let jobs: any JobQueue & RenderQueue
    let clock: any WallClock
    let recipe: Recipe
    let events: any EventPublisher
    let nudges: any Nudges
    let accounts: any AccountDirectory
    /// Who changed what, for all who change something in a session.
    let audit: AuditLog
    let activity: ActivitySheet
    /// Who gets into parties; `nil` where there are none.
    let parties: (any PartyGate)?
    var mediaTokens: MediaTokens { MediaTokens(grants: grants, signer: signer, clock: clock) }
    private let sessions = SessionStore()
    private let photos = PhotoStore()
    let renderings = RenderingStore()
    /// The codes that let somebody in, by where from.
    private let codes = KnownAnswers()

    /// How long a guest who came in by a code stays in.
    static let guestLifetime = Duration.seconds(30 * 86_400)

    /// - Parameters:
    ///   - nudges: tell every node at once who does not belong to a session any more.
    ///   - recipe: what photos become in sessions that want nothing else.
    ///   - activity: where entries are noted, for somebody to write them down.
    ///   - parties: says who gets into parties; `nil` where there are none.
    public init(
        database: any Database, grants: any GrantRegistry, signer: any GrantChecker, attempts: any AttemptLimiter,
        jobs: any JobQueue & RenderQueue, events: any EventPublisher, nudges: any Nudges, accounts: any AccountDirectory, clock: any WallClock,
        recipe: Recipe = .standard, activity: ActivitySheet = ActivitySheet(), parties: (any PartyGate)? = nil
    ) {
        self.database = database
        self.grants = grants
        self.signer = signer
        self.attempts = attempts
        self.jobs = jobs
        self.clock = clock
        self.recipe = recipe
        self.events = events
        self.nudges = nudges
        self.accounts = accounts
        self.audit = AuditLog(names: accounts, grants: grants, clock: clock)
        self.activity = activity
        self.parties = parties
    }

    /// Creates a session of an account, which becomes its owner.
    /// - Parameters:
    ///   - accessCode: `nil` makes one up.
    ///   - principal: who does it; `nil` for Lumiere itself.
    /// - Throws: `Problem` 409 `code_taken`, 422.
    public func create(
        title: String, about: String = "", accessCode: String? = nil, settings: SessionSettings = .init(),
        occasion: Occasion = .init(), owner: UserID, by principal: Principal? = nil
    ) async throws -> SessionView {
        let session = try await make(
            title: title, about: about, accessCode: accessCode, settings: settings, occasion: occasion, owner: owner, by: principal)
        return SessionView(session, photoCount: 0, rights: .owner)
    }

    /// Makes the session of a party: nothing of it can be saved, and what its owner uploads is shown at once.
    /// - Parameter also: what else is written in the same transaction.
    func createParty(
        title: String, owner: UserID, by principal: Principal, also: @escaping @Sendable (Session, any Transaction) throws -> Void
    ) async throws -> Session {
        var (occasion, settings) = (Occasion(), SessionSettings())
        occasion.type = .party
        settings.downloads = .none
        return try await make(title: title, settings: settings, occasion: occasion, owner: owner, by: principal, also: also)
    }

    private func make(
        title: String, about: String = "", accessCode: String? = nil, settings: SessionSettings, occasion: Occasion, owner: UserID,
        by principal: Principal?, also: @escaping @Sendable (Session, any Transaction) throws -> Void = { _, _ in }
    ) async throws -> Session {
        let now = clock.now()
        try settings.check(in: recipe)
        try occasion.check()
        if settings.watermark?.picture != nil { throw Self.noPicture }
        var session = Session(
            id: SessionID(at: now), ownerID: owner, title: title, about: about, status: .active,
            accessCode: accessCode ?? RandomToken.code(), settings: settings, occasion: occasion,
            createdAt: now, updatedAt: now)
        _ = try AccessCode.key(session.accessCode)
        // A code of ours that is taken is no fault of the caller's; two in a row would be beyond chance.
        do {
            try await insert(session, by: principal, also: also)
        } catch let problem as Problem where accessCode == nil && problem.code == "code_taken" {
            session.accessCode = RandomToken.code()
            try await insert(session, by: principal, also: also)
        }
        return session
    }

    private func insert(
        _ session: Session, by principal: Principal?, also: @escaping @Sendable (Session, any Transaction) throws -> Void
    ) async throws {
        let membership = Grant(
            id: GrantID(at: session.createdAt), kind: .member, userID: session.ownerID, sessionID: session.id,
            rights: .owner, createdAt: session.createdAt)
        try await refusingTakenCodes {
            try await database.write { tx in
                try sessions.insert(session, tx)
                try grants.add(membership, in: tx)
                try audit.note("session_created", in: session.id, change: ["title": .string(session.title)], by: principal, tx)
                try also(session, tx)
            }
        }
    }

    /// One session as somebody with these rights sees it.
    /// - Throws: `Problem` 404.
    func view(_ id: SessionID, rights: Rights) async throws -> SessionView {
        try await database.read { tx in try view(try find(id, tx), rights: rights, tx) }
    }

    /// Changes a session. A new code or fewer rights for guests takes back the tokens of all who came in by the code before, and
    /// of nobody who came by a link; another watermark or other renditions have all its photos derived anew; in another time zone they
    /// were taken at other moments, where their cameras knew no offset.
    /// - Parameter principal: who changes it; `nil` for Lumiere itself.
    /// - Throws: `Problem` 404, 409 `code_taken` or `status_transition`, 422.
    func update(_ id: SessionID, _ change: SessionChange, by principal: Principal? = nil) async throws -> SessionView {
        let now = clock.now()
        let view = try await refusingTakenCodes {
            try await database.write { tx in
                let old = try find(id, tx)
                var new = old
                try new.apply(change, at: now)
                try new.settings.check(in: recipe)
                try new.occasion.check()
                try requireCover(of: new, changedFrom: old, tx)
                try requirePicture(of: new, changedFrom: old, tx)
                try save(&new, changedFrom: old, as: "session_updated", by: principal, at: now, tx)
                if new.occasion.zone != old.occasion.zone { try RetimingStore().begin(id, tx) }
                let wanted = new.settings.recipe(from: recipe)
                if wanted != old.settings.recipe(from: recipe) {
                    _ = try renderings.begin(id, wanted, everything: false, jobs, at: now, tx)
                }
                return try self.view(new, rights: .owner, tx)
            }
        }
        // The change is made: what cannot be done for it now is done by the keeper.
        if change.timeZone != nil { try? await retime(id) }
        return view
    }

    /// Writes a session down that has been changed, with who did it, shows out whom that leaves outside, and tells the others.
    func save(
        _ new: inout Session, changedFrom old: Session, as action: String, by principal: Principal?, at now: Timestamp,
        _ tx: any Transaction
    ) throws {
        new.updatedAt = now
        if new.wantedDeletion != old.wantedDeletion { new.history.warnedAt = nil }
        try sessions.update(new, tx)
        if new.showsGuestsOut(comparedTo: old) { try grants.revokeEntriesByCode(to: new.id, in: tx) }
        let expulsions = new.expulsions(comparedTo: old, at: now)
        // Whoever is just coming in by a link is waited for.
        if !expulsions.isEmpty { try ShareLinkStore().hold(of: new.id, tx) }
        for expulsion in expulsions {
            try grants.revokeGuests(of: new.id, holding: expulsion.rights, beyond: expulsion.end, in: tx)
        }
        let change = try new.change(from: old)
        if change == [:] { return }
        try audit.note(action, in: new.id, change: change, by: principal, tx)
        try announce(new, tx)
    }

    /// Tells everybody in it what a session is like now: the staff what the staff sees, and the others what any guest does.
    func announce(_ session: Session, _ tx: any Transaction) throws {
        var (staff, guest) = (try view(session, rights: [.view, .desk], tx), try view(session, rights: .view, tx))
        (staff.role, guest.role) = (nil, nil)
        try events.publish(try DurableEvent(topic: .desk(session.id), type: SessionEvents.sessionUpdated, data: staff), in: tx)
        try events.publish(try DurableEvent(topic: .session(session.id), type: SessionEvents.sessionUpdated, data: guest), in: tx)
    }

    /// Hides a session at once: nobody gets in, tokens and URLs die, open jobs are dropped. Its files are removed by the purger.
    /// - Parameter principal: who does it; `nil` for Lumiere itself.
    /// - Throws: `Problem` 404.
    func delete(_ id: SessionID, by principal: Principal? = nil) async throws {
        try await database.write { tx in try delete(id, by: principal, tx) }
    }

    /// The same in a transaction.
    func delete(_ id: SessionID, by principal: Principal?, _ tx: any Transaction) throws {
        var session = try find(id, tx)
        session.history.members = try members.members(of: id, after: nil, limit: Self.maxMembers + 1, transaction: tx)
            .compactMap { grant in grant.userID.map { .init(user: $0, rights: grant.rights) } }
        try sessions.update(session, tx)
        try sessions.markDeleted(id, at: clock.now(), tx)
        // Before the grants: whoever is just coming in by a link is waited for.
        try ShareLinkStore().removeAll(of: id, tx)
        try grants.revokeAll(of: id, in: tx)
        try jobs.cancelAll(of: id, in: tx)
        try renderings.remove(id, tx)
        try audit.note("session_deleted", in: id, by: principal, tx)
    }

    /// Lets a guest in by the code alone, or by the code of one session.
    /// - Parameters:
    ///   - address: who is guessing, for the rate limit.
    ///   - principal: who they are so far.
    /// - Throws: `Problem` 403 `wrong_code`, 429, and what `letIn` throws.
    func enter(
        _ id: SessionID?, code: String, name: String?, address: String, as principal: Principal = .anonymous
    ) async throws -> (Entry, GrantToken) {
        let now = clock.now()
        let key = try? AccessCode.key(code)
        let isCounted = try await countGuess(key, address)
        do {
            // Each makes a grant.
            try await attempts.attempt("arrival:\(address)")
        } catch {
            // Nobody looked at the code.
            if isCounted { await attempts.refund("code:\(address)") }
            throw error
        }
        let (view, token) = try await noting(id, name, address, at: now) { tx in
            guard let key, let session = try sessions.find(accessKey: key, tx), id == nil || id == session.id else {
                throw Problem.forbidden("That is not the code.", code: "wrong_code")
            }
            return try letIn(name, as: principal, to: session, by: nil, at: now, tx)
        }
        if let key { codes.insert(key, to: place(of: address)) }
        if isCounted { await attempts.refund("code:\(address)") }
        return (entry(view, token), token)
    }

    /// Guesses are limited by address. Where they are used up, a code is tried that has let somebody in from there already, so that
    /// who shares an address with somebody who guesses gets in before long. At once only where the guesses are few: without a limit to these
    /// tries they would be guesses themselves.
    /// - Returns: whether it was counted as a guess.
    private func countGuess(_ key: String?, _ address: String) async throws -> Bool {
        do {
            try await attempts.attempt("code:\(address)")
            return true
        } catch let refusal as Problem where refusal.status == 429 {
            try await attempts.attempt("crowd:\(address)")
            guard let key, codes.contains(key, to: place(of: address)) else { throw refusal }
            return false
        }
    }

    /// What somebody holds in a session now.
    func rights(of principal: Principal, in session: Session, _ tx: any Transaction) throws -> Rights {
        switch principal {
        case .anonymous: []
        case .guest(let token): token.sessionID == session.id ? session.open(token.rights, at: clock.now()) : []
        case .user(let id, let role, _), .key(_, let id, let role, _):
            role == .admin ? .owner : try grants.membership(of: id, in: session.id, transaction: tx)?.rights.completed ?? []
        }
    }

    func view(_ session: Session, rights: Rights, _ tx: any Transaction) throws -> SessionView {
        // Whoever is shown nothing is not told what there is.
        guard rights.contains(.view) else { return SessionView(session, photoCount: 0, rights: rights) }
        let forDesk = rights.contains(.desk)
        let count = try photos.counts([session.id], onlyShown: !forDesk, tx)[session.id] ?? 0
        let cover = try sessions.covers([session.id], onlyShown: !forDesk, tx)[session.id]
        var view = SessionView(session, photoCount: count, cover: cover, rights: rights)
        if forDesk { view.rendering = try renderings.find(session.id, tx).map(RenderingView.init) }
        return view
    }

    private static let noPicture = Problem.invalid(
        "/settings/watermark/picture", "The session has no such picture: upload it first.")

    private func requirePicture(of new: Session, changedFrom old: Session, _ tx: any Transaction) throws {
        guard let picture = new.settings.watermark?.picture, picture != old.settings.watermark?.picture else { return }
        if try WatermarkPictureStore().picture(picture, of: new.id, transaction: tx) == nil { throw Self.noPicture }
    }

    private func requireCover(of new: Session, changedFrom old: Session, _ tx: any Transaction) throws {
        guard let cover = new.occasion.coverID, cover != old.occasion.coverID else { return }
        if try photos.sessionID(of: cover, tx) != new.id {
            throw Problem.invalid("/coverPhotoId", "coverPhotoId must be a photo of the session.")
        }
    }

    func find(_ id: SessionID, _ tx: any Transaction) throws -> Session {
        guard let session = try sessions.find(id, tx) else { throw Problem.notFound("session") }
        return session
    }

    func refusingTakenCodes<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch DatabaseError.duplicate {
            throw Problem.conflict("code_taken", "Another session uses that access code.")
        }
    }
}
