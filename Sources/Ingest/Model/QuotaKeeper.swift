import Core

/// Holds uploads to the quotas of those they are counted for.
///
/// Partial uploads count with their bytes, but not as files, until these are counted as those of a final one; they count
/// again should that one end before it is put together.
struct QuotaKeeper: Sendable {
    /// How often what seems too much is looked at.
    private static let looks = 8

    let configuration: IngestConfiguration
    let store: UploadStore
    let admission: any UploadAdmission

    /// What an upload is held to, of those it is counted for; empty when nothing limits it, and then nothing is counted.
    /// - Parameter place: what the session's owner allows, and an administrator the account.
    func bounds(of upload: Upload, in place: UploadPlace) -> [QuotaBound] {
        upload.quotaHolders.map { QuotaBound(holder: $0, quota: quota(of: $0, in: place)) }.filter { $0.quota != .unlimited }
    }

    /// The same where that is not known; it is looked at once per request.
    func bounds(of upload: Upload) async throws -> [QuotaBound] {
        let (session, account) = (upload.sessionID, upload.uploaderID)
        let place = try await store.database.read { tx in
            UploadPlace(
                sessionID: session, quota: try admission.quota(of: session, in: tx),
                accountQuota: try account.map { try admission.quota(of: $0, in: tx) } ?? .unlimited)
        }
        return bounds(of: upload, in: place)
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
            let others = try usage(of: bound.holder, beside: [upload.id] + parts, at: now, tx) {
                bound.refusal(of: $0 + own, isFile: !upload.isPartial) == nil
            }
            if let refusal = bound.refusal(of: others + own, isFile: !upload.isPartial) { throw refusal }
        }
    }

    /// How far the bytes of an upload may reach whose length nobody knows: as far as its quotas leave room beside all that
    /// has been recorded of others. `nil` for as far as they like.
    /// - Parameter offset: where they end now.
    func limit(
        of upload: Upload, at offset: Int64, within bounds: [QuotaBound], at now: Timestamp, _ tx: any Transaction
    ) throws -> BodyRoom.Limit? {
        try tx.lock(bounds)
        var limit: BodyRoom.Limit?
        for bound in bounds {
            guard let bytes = bound.quota.bytes else { continue }
            let others = try usage(of: bound.holder, beside: [upload.id], at: now, tx) { $0.bytes <= bytes - offset }
            let end = max(0, bytes - others.bytes)
            if end < limit?.end ?? .max { limit = BodyRoom.Limit(end: end, excess: bound.excess(bytes)) }
        }
        return limit
    }

    /// What a session can have beside all it has.
    func room(in session: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> UploadQuota {
        let quota = configuration.sessionQuota.limited(by: try admission.quota(of: session, in: tx))
        if quota.files == nil && quota.bytes == nil { return .unlimited }
        let usage = try usage(of: .session(session), beside: [], at: now, tx) { _ in true }
        return UploadQuota(files: quota.files.map { max(0, $0 - usage.files) }, bytes: quota.bytes.map { max(0, $0 - usage.bytes) })
    }

    /// What a holder has, stored and under way. An upload that becomes a file meanwhile takes no lock, so that nothing waits
    /// for it: counted in this order it may be there twice, but never not at all. What seems too much is therefore looked at
    /// again until it stays as it is.
    private func usage(
        of holder: QuotaHolder, beside ids: [UploadID], at now: Timestamp, _ tx: any Transaction, fits: (UploadUsage) -> Bool
    ) throws -> UploadUsage {
        var found: [UploadUsage] = []
        for _ in 0..<Self.looks {
            let underWay = try store.underWay(for: holder, beside: ids, at: now, tx).usage
            let total = try admission.stored(for: holder, in: tx) + underWay
            found.append(total)
            // Others of the same size may change places between two looks, hardly between all of three.
            if fits(total) || (found.count > 2 && found.suffix(3).allSatisfy { $0 == total }) { return total }
        }
        return found.last ?? UploadUsage()
    }

    private func quota(of holder: QuotaHolder, in place: UploadPlace) -> UploadQuota {
        switch holder {
        case .session: configuration.sessionQuota.limited(by: place.quota)
        case .account: place.accountQuota.completed(by: configuration.accountQuota)
        case .grant: configuration.grantQuota
        }
    }
}

/// What one of those may have that an upload is counted for.
struct QuotaBound: Sendable {
    let holder: QuotaHolder
    let quota: UploadQuota

    /// Why there cannot be so much; `nil` when there can.
    fileprivate func refusal(of total: UploadUsage, isFile: Bool) -> Problem? {
        if let files = quota.files, isFile, total.files > files {
            return .quotaExceeded("\(files) files", holder, Int64(files))
        }
        if let bytes = quota.bytes, total.bytes > bytes { return excess(bytes) }
        return nil
    }

    fileprivate func excess(_ bytes: Int64) -> Problem { .quotaExceeded("\(bytes) bytes", holder, bytes) }
}

extension Transaction {
    /// Keeps others from recording what counts for the same holders. Whoever waits for a lock holds none of a later kind, so
    /// that nobody waits in a circle; whoever has locked a row of an upload asks for none.
    fileprivate func lock(_ bounds: [QuotaBound]) throws {
        for bound in bounds { try lock("quota of \(bound.holder.id)") }
    }
}

extension Upload {
    /// Whom it is counted for, always in the same order of their kinds.
    fileprivate var quotaHolders: [QuotaHolder] {
        [.session(sessionID)] + (uploaderID.map { [.account($0)] } ?? []) + (grantID.map { [.grant($0)] } ?? [])
    }
}

extension QuotaHolder {
    /// Ids of all kinds differ.
    fileprivate var id: String {
        switch self {
        case .session(let id): id.description
        case .account(let id): id.description
        case .grant(let id): id.description
        }
    }

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
