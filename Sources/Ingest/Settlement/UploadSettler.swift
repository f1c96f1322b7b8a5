import Core
import Logging

/// Brings an upload's affairs in order after its end, from wherever an earlier attempt stopped: every step may have
/// happened already, and none takes effect twice.
struct UploadSettler: Sendable {
    let store: UploadStore
    let bytes: any UploadBytes
    let joiner: UploadJoiner
    let originals: KnownOriginals
    /// `nil` when no other process settles uploads.
    let lease: SettlementLease?
    let clock: any WallClock
    let metrics: IngestMetrics
    private let doubts = DeliveryDoubts()

    init(
        store: UploadStore, bytes: any UploadBytes, joiner: UploadJoiner, originals: KnownOriginals,
        lease: SettlementLease?, clock: any WallClock, metrics: IngestMetrics
    ) {
        self.store = store
        self.bytes = bytes
        self.joiner = joiner
        self.originals = originals
        self.lease = lease
        self.clock = clock
        self.metrics = metrics
    }

    /// Hands a whole upload over, or removes what an ended one has left; nothing while another node does so.
    func settle(_ id: UploadID) async throws {
        guard let lease else { return _ = try await settleNow(id) }
        while true {
            var isWaiting = false
            try await lease.hold(id) { isWaiting = try await settleNow(id) }
            guard isWaiting else { return }
            // A node with the last part may have come while this one looked, and gone again.
            guard try await joiner.isDue(id) else { return }
        }
    }

    /// - Returns: whether it is a final upload that waits for its parts.
    private func settleNow(_ id: UploadID) async throws -> Bool {
        guard let open = try await store.find(id) else { return false }
        if open.state == .joining { try await doubting(open) { try await join(open) } }
        guard let upload = try await store.find(id) else { return false }
        if upload.state == .joining { return true }
        if upload.state == .completing { try await doubting(upload) { try await complete(upload) } }
        guard let ended = try await store.find(id), ended.state != .completing else { return false }
        bytes.forget(id)
        doubts.forget(id)
        try await clean(ended)
        return false
    }

    private func join(_ final: Upload) async throws {
        guard let code = try await joiner.join(final) else { return }
        try await fail(final, because: code)
    }

    private func doubting(_ upload: Upload, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ObjectStoreError where error.isAboutBytes {
            guard doubts.add(upload.id) else { throw error }
            try await fail(upload, because: "bytes_changed")
        }
    }

    private func complete(_ upload: Upload) async throws {
        let declared = upload.declaration.sha256
        let digest = try await bytes.deliver(upload) { digest in declared.map { $0 == digest.sha256 } ?? true }
        guard let digest else { return try await fail(upload, because: BytesLost.code) }
        let sha256 = digest.sha256
        if let declared, declared != sha256 { return try await fail(upload, because: "checksum_mismatch") }
        let completed = CompletedUpload(
            id: upload.id, sessionID: upload.sessionID, declaration: upload.declaration, size: upload.offset,
            sha256: sha256, crc32: digest.crc32, sniffed: digest.sniffed, objectKey: upload.objectKey,
            uploaderID: upload.uploaderID, grantID: upload.grantID, completedAt: clock.now())
        try await restoreOriginal(like: completed, from: upload)
        try await handOver(completed, upload)
    }

    /// What the session has already need not be there any more: then these bytes take the place of those that were lost.
    private func restoreOriginal(like completed: CompletedUpload, from upload: Upload) async throws {
        guard let lost = try await originals.lost(like: completed) else { return }
        do {
            try await bytes.restore(upload, as: lost)
        } catch let error as ObjectStoreError where error.isAboutBytes {
            // It is not the upload's bytes that are in doubt.
            throw ObjectStoreError.unavailable("\(error)")
        }
        metrics.restored()
    }

    private func handOver(_ completed: CompletedUpload, _ upload: Upload) async throws {
        do {
            switch try await store.complete(completed, with: originals.handler, by: lease?.holder) {
            case .created: metrics.settled(.created)
            case .duplicate: metrics.settled(.duplicate)
            // Ended meanwhile: its row says what to remove.
            case nil: break
            }
        } catch let problem as Problem where problem.status < 500 {
            // Nobody wants it any more, e.g. the session is gone; to ask again would change nothing.
            try await fail(upload, because: problem.code)
        }
    }

    private func fail(_ upload: Upload, because code: String) async throws {
        let hasFailed = try await store.fail(
            upload.id, from: upload.state, because: code, by: lease?.holder, at: clock.now())
        if hasFailed { metrics.settled(.failed) }
    }

    private func clean(_ upload: Upload) async throws {
        if upload.cleanup == .nothing { return }
        // A part that has ended stays for those who were promised it.
        if upload.isPartial, try await store.isNeeded(upload.id) { return }
        try await bytes.remove(upload)
        try await store.cleaned(upload.id)
    }
}

extension Upload {
    /// Where the bytes lie once the upload is whole.
    var objectKey: ObjectKey { .original(OriginalID(id)) }
}
