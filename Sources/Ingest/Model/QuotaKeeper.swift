import Core

/// Holds uploads to the quotas of those they are counted for.
///
/// Partial uploads count with their bytes for as long as they are kept, but not as files; a final one with its own besides.
struct QuotaKeeper: Sendable {
    let configuration: IngestConfiguration
    let store: UploadStore
    let admission: any UploadAdmission

    /// Decides about a new upload together with all others, in the transaction that records it.
    /// - Parameter parts: what it consists of; their bytes become its own.
    /// - Throws: `Problem` 413 `quota_exceeded` or 429 `too_many_uploads`.
    func admit(_ upload: Upload, of parts: [UploadID] = [], at now: Timestamp, _ tx: any Transaction) throws {
        for holder in upload.quotaHolders {
            guard let open = try quota(of: holder, tx).open else { continue }
            let others = try store.underWay(for: holder, beside: [upload.id], at: now, tx)
            guard others.open < open else {
                throw Problem.tooManyUploads("At most \(open) uploads of the \(holder.noun) can be unfinished.", retryAfter: 10)
            }
        }
        try check(upload, of: parts, at: now, tx)
    }

    /// Decides about an upload whose length has become known, in the transaction that records it.
    /// - Throws: `Problem` 413 `quota_exceeded`.
    func check(_ upload: Upload, of parts: [UploadID] = [], at now: Timestamp, _ tx: any Transaction) throws {
        for holder in upload.quotaHolders {
            let quota = try quota(of: holder, tx)
            if quota.files == nil, quota.bytes == nil { continue }
            let own = UploadUsage(files: upload.isPartial ? 0 : 1, bytes: upload.length ?? upload.offset)
            let total = try usage(of: holder, beside: [upload.id] + parts, at: now, tx) + own
            if let files = quota.files, total.files > files, !upload.isPartial {
                throw Problem.quotaExceeded("\(files) files", holder, Int64(files))
            }
            if let bytes = quota.bytes, total.bytes > bytes { throw Problem.quotaExceeded("\(bytes) bytes", holder, bytes) }
        }
    }

    /// What may be appended to an upload: of one whose length nobody knows, at most what its quotas leave.
    func bounded(_ append: UploadAppend, to upload: Upload, at now: Timestamp) async throws -> UploadAppend {
        guard upload.length == nil else { return append }
        return try await store.database.read { tx in
            var append = append
            for holder in upload.quotaHolders {
                guard let bytes = try quota(of: holder, tx).bytes else { continue }
                let used = try usage(of: holder, beside: [upload.id], at: now, tx).bytes
                let room = max(0, bytes - used - append.offset)
                guard room < append.room else { continue }
                (append.room, append.excess) = (room, .quotaExceeded("\(bytes) bytes", holder, bytes))
            }
            if let expected = append.expected, expected > append.room { throw append.excess }
            return append
        }
    }

    private func usage(
        of holder: QuotaHolder, beside ids: [UploadID], at now: Timestamp, _ tx: any Transaction
    ) throws -> UploadUsage {
        try admission.stored(for: holder, in: tx) + store.underWay(for: holder, beside: ids, at: now, tx).usage
    }

    private func quota(of holder: QuotaHolder, _ tx: any Transaction) throws -> UploadQuota {
        switch holder {
        case .session(let id): configuration.sessionQuota.limited(by: try admission.quota(of: id, in: tx))
        case .account: configuration.accountQuota
        case .grant: configuration.grantQuota
        }
    }
}

extension Upload {
    /// Whom it is counted for.
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
