import Core
import Logging
import NIOCore

/// The rules of incoming files: who may send them, who holds them, and when they are whole.
struct IngestService: Sendable {
    let configuration: IngestConfiguration
    let machine: TusMachine
    let store: UploadStore
    var bytes: any UploadBytes
    let ledger: UploadLedger
    /// Threads that hash.
    let hashPool: BlockingPool
    /// The other nodes; `nil` when there are none.
    let fleet: UploadFleet?
    let registry: TransferRegistry
    let queue: SettlementQueue
    let admission: any UploadAdmission
    let originals: KnownOriginals
    let progress: ProgressReporter
    /// By which uploads are judged to have rested too long.
    let clock: ExpiryClock
    let metrics: IngestMetrics

    /// The other dialect, under the same rules.
    var drafts: DraftMachine { DraftMachine(rules: machine.rules) }

    var quotas: QuotaKeeper { QuotaKeeper(configuration: configuration, store: store, admission: admission) }

    /// The largest file that an upload may become.
    func sizeLimit(of upload: Upload) -> SizeLimit {
        SizeLimit(of: upload.declaration, maxSize: machine.maxSize, admission)
    }

    /// An upload, as it is recorded.
    func find(_ id: UploadID) async throws -> Upload? { try await store.find(id) }

    /// Admits a file, and makes its row and a place for its bytes.
    /// - Returns: where bytes go, unless the session has the file already and its sender accepts that: then the upload is
    ///   completed from the beginning.
    /// - Throws: `Problem` of the admission, 413 `quota_exceeded`, 429 or 507.
    func create(_ creation: UploadCreation, from principal: Principal) async throws -> (Upload, (any OpenUpload)?) {
        let place = try await admission.admit(creation.declaration, from: principal)
        let upload = newUpload(creation, in: place.sessionID, from: principal)
        if creation.acceptsKnown, try await originals.has(upload),
            let known = try await store.insertKnown(upload, by: originals.handler)
        {
            metrics.created()
            metrics.settled(.duplicate)
            return (known, nil)
        }
        try await bytes.requireSpace(for: creation.declaration.length ?? 0)
        let bounds = quotas.bounds(of: upload, in: place)
        let inserted = try await store.insert(upload, limit: configuration.openUploadsPerUploader) { tx in
            try quotas.admit(upload, within: bounds, at: upload.createdAt, tx)
        }
        guard inserted else { throw tooManyOpen }
        metrics.created()
        do {
            let open = try await bytes.begin(upload)
            return upload.length == 0 ? (try await confirm(UploadMark(offset: 0), of: upload), open) : (upload, open)
        } catch {
            try? await store.terminate(upload.id, at: clock.now())
            throw problem(for: error)
        }
    }

    /// The row of an upload that begins now.
    func newUpload(_ creation: UploadCreation, in session: SessionID, from principal: Principal) -> Upload {
        let now = ledger.clock.now()
        return Upload(
            id: UploadID(at: now), sessionID: session, declaration: creation.declaration, metadata: creation.metadata,
            concat: creation.concat.header, uploaderID: principal.userID, uploader: Uploader(principal),
            grantID: principal.grantID, offset: 0, bootID: bytes.bootID, isOpen: creation.isOpen, createdAt: now,
            updatedAt: now, expiresAt: now + configuration.expiresAfter)
    }

    var tooManyOpen: Problem {
        .tooManyUploads("At most \(configuration.openUploadsPerUploader) of your uploads can be unfinished.", retryAfter: 10)
    }

    /// The upload with its offset made sure of. Who asks has lost their connection, so an older request lets go first.
    /// - Throws: `Problem` 404, 410, 423.
    func status(_ id: UploadID) async throws -> Upload {
        try await shielded { revocation in
            try await registry.hold(id, revocation) { try await take(id).upload }
        }
    }

    /// Ends an upload: its bytes are removed, unless it was whole and has become a photo already.
    /// - Throws: `Problem` 423.
    func terminate(_ id: UploadID) async throws {
        try await shielded { revocation in
            try await registry.hold(id, revocation) {
                try await store.terminate(id, at: clock.now())
            }
        }
        fleet?.announce(id, generation: .max)
        await queue.enqueue(id)
        await release(id)
    }

    /// Holds an upload and makes sure of its offset.
    /// - Returns: where bytes go, only while the upload takes any.
    func take(_ id: UploadID) async throws -> (upload: Upload, open: (any OpenUpload)?) {
        guard let upload = try await store.find(id) else { throw Problem.notFound("upload") }
        if upload.isGone(at: clock.now()) { throw TusMachine.gone }
        guard upload.state == .receiving else { return (upload, nil) }
        let (claimed, open) = try await claim(upload)
        guard !claimed.isGone(at: clock.now()) else { throw TusMachine.gone }
        await follow(claimed)
        return (claimed, claimed.state == .receiving ? open : nil)
    }

    private func claim(_ upload: Upload) async throws -> (Upload, (any OpenUpload)?) {
        do {
            return try await bytes.take(upload)
        } catch let lost as BytesLost {
            throw try await invalidate(lost.upload, because: BytesLost.code) ? TusMachine.gone : TusMachine.locked
        } catch {
            throw problem(for: error)
        }
    }

    /// Gives up an upload that cannot become what it should be, and tells those that wait for it.
    /// - Returns: false when it is somebody else's by now.
    func invalidate(_ upload: Upload, because code: String) async throws -> Bool {
        guard try await store.invalidate(upload, because: code, at: clock.now()) else { return false }
        await queue.enqueue(upload.id)
        if upload.isPartial { await release(upload.id) }
        return true
    }

    /// Records the end of a request; a whole upload is handed over from here on.
    /// - Throws: `Problem` 423 when the upload is somebody else's by now.
    func confirm(
        _ mark: UploadMark, of upload: Upload, _ admit: @escaping UploadStore.Admit = { _ in }
    ) async throws -> Upload {
        let confirmed = try await ledger.confirm(mark, of: upload, admit)
        await follow(confirmed)
        return confirmed
    }

    /// What follows when an upload has become whole.
    func follow(_ upload: Upload) async {
        switch upload.state {
        case .completing:
            progress.conclude(upload)
            await queue.enqueue(upload.id)
        case .kept: await release(upload.id)
        default: break
        }
    }

    /// What the client is told about an error of the store; others are passed on.
    func problem(for error: any Error) -> any Error {
        switch error {
        case UploadFileError.full, ObjectStoreError.full: TusMachine.insufficientStorage
        case ObjectStoreError.unavailable, is KeptElsewhere: TusMachine.storageUnavailable
        case is TakenOver: TusMachine.locked
        case is BlockingPool.Stopped: Problem.unavailable("stopping", "The server is stopping.")
        default: error
        }
    }

    /// Runs a body to its end whatever becomes of the request's task: what has arrived is always written, synced and
    /// recorded. The task's cancellation only revokes the transfer.
    func shielded<Value: Sendable>(_ body: @escaping @Sendable (Revocation) async throws -> Value) async throws -> Value {
        let revocation = Revocation()
        return try await withTaskCancellationHandler {
            try await Task { try await body(revocation) }.value
        } onCancel: {
            revocation.revoke()
        }
    }
}
