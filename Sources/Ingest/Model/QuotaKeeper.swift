import Core

/// Holds uploads to the quotas of those they are counted for.
///
/// Partial uploads count with their bytes for as long as they are kept, but not as files; a final one with its own besides.
struct QuotaKeeper: Sendable {
    let configuration: IngestConfiguration
    let store: UploadStore
    let admission: any UploadAdmission

    /// What an upload is held to, of those it is counted for; empty when nothing limits it. What a session's owner allows is
    /// looked at once per request.
    func bounds(of upload: Upload) async throws -> [QuotaBound] {
        let session = upload.sessionID
        let own = try await store.database.read { tx in try admission.quota(of: session, in: tx) }
        return upload.quotaHolders.map { QuotaBound(holder: $0, quota: quota(of: $0, own: own)) }
            .filter { $0.quota != .unlimited }
    }

    /// Decides about a new upload together with all others, in the transaction that records it.
    /// - Parameter parts: what it consists of; their bytes become its own.
    /// - Throws: `Problem` 413 `quota_exceeded` or 429 `too_many_uploads`.
    func admit(
        _ upload: Upload, of parts: [UploadID] = [], within bounds: [QuotaBound], at now: Timestamp, _ tx: any Transaction
    ) throws {
        try tx.lock(bounds)
        for bound in bounds {
            guard let open = bound.quota.open else { continue }
            let others = try store.underWay(for: bound.holder, beside: [upload.id], at: now, tx)
            guard others.open < open else {
                throw Problem.tooManyUploads(
                    "At most \(open) uploads of the \(bound.holder.noun) can be unfinished.", retryAfter: 10)
            }
        }
        try check(upload, of: parts, within: bounds, at: now, tx)
    }

    /// Decides about an upload whose length has become known, in the transaction that records it.
    /// - Throws: `Problem` 413 `quota_exceeded`.
    func check(
        _ upload: Upload, of parts: [UploadID] = [], within bounds: [QuotaBound], at now: Timestamp, _ tx: any Transaction
    ) throws {
        try tx.lock(bounds)
        for bound in bounds where bound.quota.files != nil || bound.quota.bytes != nil {
            let own = UploadUsage(files: upload.isPartial ? 0 : 1, bytes: upload.length ?? upload.offset)
            let total = try usage(of: bound.holder, beside: [upload.id] + parts, at: now, tx) + own
            if let files = bound.quota.files, total.files > files, !upload.isPartial {
                throw Problem.quotaExceeded("\(files) files", bound.holder, Int64(files))
            }
            if let bytes = bound.quota.bytes, total.bytes > bytes { throw bound.excess(bytes) }
        }
    }

    /// How far the bytes of an upload may reach whose length nobody knows: as far as its quotas leave room beside all that
    /// has been recorded of others. `nil` for as far as they like.
    func limit(
        of upload: Upload, within bounds: [QuotaBound], at now: Timestamp, _ tx: any Transaction
    ) throws -> BodyRoom.Limit? {
        try tx.lock(bounds)
        var limit: BodyRoom.Limit?
        for bound in bounds {
            guard let bytes = bound.quota.bytes else { continue }
            let end = max(0, bytes - (try usage(of: bound.holder, beside: [upload.id], at: now, tx).bytes))
            if end < limit?.end ?? .max { limit = BodyRoom.Limit(end: end, excess: bound.excess(bytes)) }
        }
        return limit
    }

    private func usage(
        of holder: QuotaHolder, beside ids: [UploadID], at now: Timestamp, _ tx: any Transaction
    ) throws -> UploadUsage {
        try admission.stored(for: holder, in: tx) + store.underWay(for: holder, beside: ids, at: now, tx).usage
    }

    private func quota(of holder: QuotaHolder, own: UploadQuota) -> UploadQuota {
        switch holder {
        case .session: configuration.sessionQuota.limited(by: own)
        case .account: configuration.accountQuota
        case .grant: configuration.grantQuota
        }
    }
}

/// What one of those may have that an upload is counted for.
struct QuotaBound: Sendable {
    let holder: QuotaHolder
    let quota: UploadQuota

    fileprivate func excess(_ bytes: Int64) -> Problem { .quotaExceeded("\(bytes) bytes", holder, bytes) }
}

extension Transaction {
    /// Keeps others from recording what counts for the same holders. Whoever waits for a lock holds none of a later kind, so
    /// that nobody waits in a circle; whoever has locked a row of an upload asks for none.
    fileprivate func lock(_ bounds: [QuotaBound]) throws {
        for bound in bounds { try lock("quota of \(bound.holder)") }
    }
}

extension Upload {
    /// Whom it is counted for, always in the same order of their kinds.
    fileprivate var quotaHolders: [QuotaHolder] {
        [.session(sessionID)] + (uploaderID.map { [.account($0)] } ?? []) + (grantID.map { [.grant($0)] } ?? [])
    }
}

extension QuotaHolder {
    fileprivate var noun: String {
        switch self {
        case .session: "session"
        case .account: "account"
        case .grant: "key"
        }
    }
}

extension Problem {
    /// 413: the file would go beyond what its session, account or key may have; to send it again will not help.
    fileprivate static func quotaExceeded(_ amount: String, _ holder: QuotaHolder, _ limit: Int64) -> Problem {
        Problem(
            413, "quota_exceeded", "The \(holder.noun) can have \(amount), and this file would be too much.",
            members: ["holder": .string(holder.noun), "limit": .integer(limit)])
    }
}

extension Principal {
    /// The API key or guest's grant it acts by.
    var grantID: GrantID? {
        switch self {
        case .key(let id, _, _, _): id
        case .guest(let token): token.grantID
        case .user, .anonymous: nil
        }
    }
}
