import Core

extension SessionService {
    /// Accounts that can belong to a session.
    static let maxMembers = 200

    /// A page of those who belong to a session, the longest-standing first.
    /// - Throws: `Problem` 404.
    func members(of id: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<MemberView> {
        let found = try await database.read { tx in
            _ = try find(id, tx)
            return try members.members(of: id, after: cursor, limit: limit + 1, transaction: tx).map { try ($0.id, view(of: $0, tx)) }
        }
        let page = Page(found.map(\.1), limit: limit) { last in
            Cursor(key: last.joinedAt.milliseconds, id: found.first { $0.1.userId == last.userId }?.0.description ?? "")
        }
        return page
    }

    /// Takes an account into a session.
    /// - Throws: `Problem` 404 also `unknown_account`, 409 `already_member` or `too_many_members`, 422 when nobody is named, or two,
    ///   429: who asks for many addresses learns of few whether they have accounts.
    func addMember(_ input: NewMember, to id: SessionID, by principal: Principal) async throws -> MemberView {
        let asker = "member:\(principal.userID?.description ?? "")"
        try await attempts.attempt(asker)
        let view = try await database.write { tx in
            let session = try find(id, tx)
            guard (input.email == nil) != (input.userId == nil) else {
                throw Problem.invalid("/email", "Name either email or userId.")
            }
            guard let user = try account(input, tx) else { throw Self.unknownAccount }
            guard try grants.membership(of: user, in: id, transaction: tx) == nil else {
                throw Problem.conflict("already_member", "The account belongs to the session already.")
            }
            guard try members.memberCount(of: id, transaction: tx) < Self.maxMembers else {
                throw Problem.conflict("too_many_members", "At most \(Self.maxMembers) accounts belong to a session.")
            }
            return try set(user, in: session, to: input.role, as: "member_added", by: principal, tx)
        }
        await attempts.refund(asker)
        return view
    }

    /// Gives a member another role.
    /// - Throws: `Problem` 404, 409 `is_owner`.
    func changeMember(_ user: UserID, of id: SessionID, to role: MemberRole, by principal: Principal) async throws -> MemberView {
        try await database.write { tx in
            let session = try find(id, tx)
            try requireOther(than: session.ownerID, user)
            guard try grants.membership(of: user, in: id, transaction: tx) != nil else { throw Problem.notFound("member") }
            return try set(user, in: session, to: role, as: "member_changed", by: principal, tx)
        }
    }

    /// Ends a membership: a member's own, or by whoever manages the session. Who is no member is out already.
    /// - Parameter rights: what the principal holds there.
    /// - Throws: `Problem` 404, 403, 409 `is_owner`.
    func removeMember(_ user: UserID?, of id: SessionID, by principal: Principal, holding rights: Rights) async throws {
        // What names nobody names no member.
        guard let user else { return _ = try await database.read { tx in try find(id, tx) } }
        guard rights.contains(.manage) || principal.userID == user else {
            throw Problem.forbidden("Only who manages the session removes others.")
        }
        try await database.write { tx in try removeMember(user, of: try find(id, tx), by: principal, tx) }
    }

    /// The same in a transaction.
    func removeMember(_ user: UserID, of session: Session, by principal: Principal, _ tx: any Transaction) throws {
        try requireOther(than: session.ownerID, user)
        guard try members.removeMember(user, of: session.id, in: tx) else { return }
        try audit.note("member_removed", in: session.id, subject: user.description, by: principal, tx)
        try tell(user, of: session, as: nil, tx)
        let end = try JSON.text(MembershipEnd(user: user, session: session.id))
        tx.afterCommit { [nudges] in nudges.nudge(MembershipEnd.nudge, end) }
    }

    /// Hands a session over to one of its members; who owned it stays as a photographer.
    /// - Throws: `Problem` 404, 409 `is_owner`, 422 when the account is no member.
    func handOver(_ id: SessionID, to user: UserID, by principal: Principal) async throws -> SessionView {
        let now = clock.now()
        return try await database.write { tx in
            let old = try find(id, tx)
            try requireOther(than: old.ownerID, user)
            guard try grants.membership(of: user, in: id, transaction: tx) != nil else {
                throw Problem.invalid("/userId", "userId must be one of the session's members.")
            }
            try members.setMember(old.ownerID, of: id, to: MemberRole.photographer.rights, in: tx)
            try members.setMember(user, of: id, to: .owner, in: tx)
            var new = old
            new.ownerID = user
            try save(&new, changedFrom: old, as: "owner_changed", by: principal, at: now, tx)
            try tell(old.ownerID, of: new, as: .photographer, tx)
            try tell(user, of: new, as: .owner, tx)
            return try view(new, rights: try rights(of: principal, in: new, tx), tx)
        }
    }

    // MARK: Parts

    private static let unknownAccount = Problem(404, "unknown_account", "There is no account of that name.")

    private func account(_ input: NewMember, _ tx: any Transaction) throws -> UserID? {
        if let email = input.email { return try accounts.account(email: email, transaction: tx) }
        return try input.userId.flatMap { try accounts.name(of: $0, transaction: tx) == nil ? nil : $0 }
    }

    private func requireOther(than owner: UserID, _ user: UserID) throws {
        if user == owner { throw Problem.conflict("is_owner", "That is the owner: hand the session over first.") }
    }

    private func set(
        _ user: UserID, in session: Session, to role: MemberRole, as action: String, by principal: Principal, _ tx: any Transaction
    ) throws -> MemberView {
        try members.setMember(user, of: session.id, to: role.rights, in: tx)
        try audit.note(action, in: session.id, subject: user.description, change: ["role": .string(role.rawValue)], by: principal, tx)
        try tell(user, of: session, as: SessionRole(role.rights), tx)
        guard let grant = try grants.membership(of: user, in: session.id, transaction: tx) else { throw Problem.internalError }
        return try view(of: grant, tx)
    }

    func tell(_ user: UserID, of session: Session, as role: SessionRole?, _ tx: any Transaction) throws {
        let notice = MembershipNotice(sessionId: session.id, title: session.title, role: role)
        try events.publish(try DurableEvent(topic: .user(user), type: SessionEvents.membershipChanged, data: notice), in: tx)
    }

    private func view(of grant: Grant, _ tx: any Transaction) throws -> MemberView {
        guard let user = grant.userID else { throw DatabaseError.unexpectedColumn("user_id") }
        return MemberView(
            userId: user, name: try accounts.name(of: user, transaction: tx), role: SessionRole(grant.rights),
            rights: grant.rights.names, joinedAt: grant.createdAt)
    }
}
