public import Core

/// What the rest of the house asks about access to sessions.
public struct SessionDoor: Sendable {
    let service: SessionService
    let media: MediaRules
    private let sessions = SessionStore()
    private let photos = PhotoStore()
    private let usage = FileUsage()

    /// - Parameter media: what may be uploaded.
    public init(_ service: SessionService, media: MediaRules = MediaRules()) {
        self.service = service
        self.media = media
    }

    func held(_ principal: Principal, _ session: SessionID, _ tx: any Transaction) throws -> Resource {
        guard let found = try sessions.find(session, tx) else { return .session(session, held: []) }
        let rights = try service.rights(of: principal, in: found, tx)
        return .session(session, held: found.status == .archived && !rights.isEmpty ? rights.union(.frozen) : rights)
    }
}

extension SessionDoor: SessionAccess {
    public func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource {
        if principal == .anonymous { return .session(session, held: []) }
        return try await service.database.read { tx in try held(principal, session, tx) }
    }

    public func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource {
        if principal == .anonymous { return .house }
        return try await service.database.read { tx in
            guard let session = try photos.sessionID(of: photo, tx) else { return .house }
            return try held(principal, session, tx)
        }
    }
}

extension SessionDoor: TopicAuthorizer {
    public var kinds: Set<Topic.Kind> { [.session, .desk] }

    public func authorize(_ principal: Principal, toFollow topic: Topic) async throws {
        switch topic {
        case .session(let id): try await require(principal, .followSession, id)
        case .desk(let id): try await require(principal, .followDesk, id)
        case .party, .user, .everyone: throw Problem.notFound("topic")
        }
    }

    private func require(_ principal: Principal, _ action: Action, _ session: SessionID) async throws {
        // Strangers may ask as often as they like: that must cost nothing.
        if principal == .anonymous { try Policy.require(principal, action, .session(session, held: []), what: "session") }
        let exists = try await service.database.read { tx in try sessions.find(session, tx) != nil }
        let resource = try await resource(principal, session)
        try Policy.require(principal, action, resource, what: "session")
        // An admin holds every right, even in what does not exist.
        if !exists { throw Problem.notFound("session") }
    }
}

extension SessionDoor: MediaTokenSource, SessionEntrance {
    public func mediaToken(of principal: Principal, for session: SessionID) async throws -> String? {
        try await service.database.read { tx in
            guard let session = try sessions.find(session, tx) else { return nil }
            let rights = try service.rights(of: principal, in: session, tx)
            return try service.mediaTokens.token(of: principal, in: session, rights: rights, tx)
        }
    }

    public func enter(
        _ session: SessionID, accessCode: String, name: String?, address: String
    ) async throws -> GrantToken {
        try await service.enter(session, code: accessCode, name: name, address: address).1
    }
}

extension SessionDoor: UploadAdmission {
    public func admit(_ declaration: UploadDeclaration, from principal: Principal) async throws -> UploadPlace {
        guard declaration.purpose == "session", let id = SessionID(declaration.target) else {
            throw Problem.badRequest("upload_target_missing", "Upload-Metadata must name the session to upload into.")
        }
        let (session, accountQuota) = try await admitted(principal, into: id)
        if case .guest = principal { try session.requireUploads(byGuest: true) } else { try session.requireUploads(byGuest: false) }
        try check(declaration)
        return UploadPlace(sessionID: id, quota: session.settings.quota, accountQuota: accountQuota)
    }

    /// By what the sender says; what the bytes say is looked at once they are all there.
    private func check(_ declaration: UploadDeclaration) throws {
        switch media.judge(name: declaration.filename, declared: declaration.contentType, size: declaration.length) {
        case .welcome: break
        case .unwanted:
            throw Problem(415, "unsupported_type", "Files of this type cannot be uploaded here, by their name or declared type.")
        case .tooLarge(let limit): throw Problem.fileTooLarge(forType: limit)
        }
    }

    public func sizeLimit(of declaration: UploadDeclaration) -> Int64? {
        let verdict = media.judge(name: declaration.filename, declared: declaration.contentType, size: .max)
        return if case .tooLarge(let limit) = verdict { limit } else { nil }
    }

    public func admitContinuation(of session: SessionID, from principal: Principal) async throws {
        _ = try await admitted(principal, into: session)
    }

    public func stored(for holder: QuotaHolder, in transaction: any Transaction) throws -> UploadUsage {
        try usage.of(holder, transaction)
    }

    public func quota(of session: SessionID, in transaction: any Transaction) throws -> UploadQuota {
        try sessions.find(session, transaction)?.settings.quota ?? .unlimited
    }

    public func quota(of account: UserID, in transaction: any Transaction) throws -> UploadQuota {
        try service.accounts.quota(of: account, transaction: transaction)
    }

    /// - Returns: also what the sender's account has for a quota of its own.
    private func admitted(_ principal: Principal, into id: SessionID) async throws -> (Session, UploadQuota) {
        let (session, resource, quota) = try await service.database.read { tx in
            let quota = try principal.userID.map { try service.accounts.quota(of: $0, transaction: tx) }
            return (try sessions.find(id, tx), try held(principal, id, tx), quota ?? .unlimited)
        }
        try Policy.require(principal, .continueUpload, resource, what: "session")
        guard let session else { throw Problem.notFound("session") }
        return (session, quota)
    }
}
