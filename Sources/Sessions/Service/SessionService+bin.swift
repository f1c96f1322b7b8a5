import Core

/// What a session is to be made like another.
struct SessionCopy: WireType {
    var title: String
    var members: Bool?

    static let schema = Schema.object([
        .field("title", .string(1...200)),
        .optional("members", .boolean, "Whether its photographers and editors belong to the other, too; false unless said."),
    ])
}

extension SessionService {
    /// Makes a session with the settings, the type, the language and the watermark of another, and with nothing that is in it: whoever
    /// does it owns it. Dates of release and expiry are another event's.
    /// - Throws: `Problem` 404, 409 `is_party`.
    func duplicate(_ id: SessionID, as copy: SessionCopy, by principal: Principal) async throws -> SessionView {
        guard let owner = principal.userID else { throw Problem.unauthorized() }
        let now = clock.now()
        return try await withFreshCode { code in
            try await database.write { tx in
                let old = try find(id, tx)
                try old.requireNoParty()
                let new = old.copy(titled: copy.title, owner: owner, code: code, at: now)
                try SessionStore().insert(new, tx)
                if let picture = new.settings.watermark?.picture {
                    try WatermarkPictureStore().copy(picture, of: id, to: new.id, at: now, tx)
                }
                try members.setMember(owner, of: new.id, to: .owner, in: tx)
                if copy.members == true { try takeAlong(from: old, to: new, tx) }
                try audit.note("session_created", in: new.id, change: ["title": .string(new.title), "copyOf": .string(id.description)], by: principal, tx)
                return try view(new, rights: .owner, tx)
            }
        }
    }

    /// All but who owns the one or the other.
    private func takeAlong(from old: Session, to new: Session, _ tx: any Transaction) throws {
        for grant in try members.members(of: old.id, after: nil, limit: Self.maxMembers + 1, transaction: tx) {
            guard let user = grant.userID, user != old.ownerID, user != new.ownerID else { continue }
            try members.setMember(user, of: new.id, to: grant.rights, in: tx)
            try tell(user, of: new, as: SessionRole(grant.rights), tx)
        }
    }

    /// Brings a session back whose files are all there still, with those who belonged to it. Guests and links stay away, and another
    /// access code takes the place of one that has been given to another session. What would delete it again is taken back.
    /// - Throws: `Problem` 404 for all but its owner and administrators, also when it is too late.
    func undelete(_ id: SessionID, by principal: Principal) async throws -> SessionView {
        let now = clock.now()
        return try await withFreshCode { code in
            try await database.write { tx in
                guard var session = try SessionStore().findDeleted(id, tx), session.canComeBack(for: principal, at: now) else {
                    throw Problem.notFound("session")
                }
                let belonged = session.history.members ?? []
                session.comeBack(at: now)
                if try SessionStore().hasCode(session.accessCode, tx) { session.accessCode = code }
                try SessionStore().bringBack(session, tx)
                for member in belonged where member.user != session.ownerID {
                    try members.setMember(member.user, of: id, to: member.rights, in: tx)
                    try tell(member.user, of: session, as: SessionRole(member.rights), tx)
                }
                try members.setMember(session.ownerID, of: id, to: .owner, in: tx)
                // What was not done when it was deleted.
                _ = try renderings.begin(id, session.settings.recipe(from: recipe), everything: false, jobs, at: now, tx)
                try audit.note("session_undeleted", in: id, by: principal, tx)
                return try view(session, rights: .owner, tx)
            }
        }
    }

    /// A code of ours that is taken is no fault of the caller's; two in a row would be beyond chance.
    private func withFreshCode<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        do {
            return try await refusingTakenCodes { try await body(RandomToken.code()) }
        } catch let problem as Problem where problem.code == "code_taken" {
            return try await refusingTakenCodes { try await body(RandomToken.code()) }
        }
    }
}

extension Session {
    fileprivate func copy(titled title: String, owner: UserID, code: String, at now: Timestamp) -> Session {
        var copy = Session(
            id: SessionID(at: now), ownerID: owner, title: title, about: "", status: .active, accessCode: code, settings: settings,
            createdAt: now, updatedAt: now)
        (copy.settings.releaseAt, copy.settings.expireAt) = (nil, nil)
        (copy.occasion.type, copy.occasion.language) = (occasion.type, occasion.language)
        return copy
    }

    /// Whether it is in the bin and has all its files still.
    func canComeBack(at now: Timestamp) -> Bool { deletedAt.map { $0 > now - SessionPurger.grace } ?? false }

    fileprivate func canComeBack(for principal: Principal, at now: Timestamp) -> Bool {
        canComeBack(at: now) && (principal.userID == ownerID || principal.role == .admin)
    }

    fileprivate mutating func comeBack(at now: Timestamp) {
        (deletedAt, history.members, history.restoredAt, updatedAt) = (nil, nil, now, now)
        guard let wantedDeletion, wantedDeletion <= now + Self.notice else { return }
        settings.retention?.deleteAfterDays = nil
        history.warnedAt = nil
    }
}
