import Core

/// Records who holds uploads and how far they are, with the times that go with it.
struct UploadLedger: Sendable {
    let store: UploadStore
    let clock: any WallClock
    /// How long an upload may rest between two requests.
    let expiresAfter: Duration

    /// Whether its time to rest has been extended so lately that there is no need to do it again.
    func isFresh(_ upload: Upload) -> Bool { clock.now() + expiresAfter * 9 / 10 < upload.expiresAt }

    /// Takes an upload over and records how far its file reaches, in one step.
    /// - Throws: `Problem` 410 when there is none.
    func claim(_ id: UploadID, offset: Int64, bootID: String) async throws -> Upload {
        let now = clock.now()
        let claimed = try await store.claim(id, offset: offset, bootID: bootID, at: now, expiresAt: now + expiresAfter)
        guard let claimed else { throw TusMachine.gone }
        return claimed
    }

    /// Takes an upload over; from here on nobody else can record anything.
    /// - Throws: `Problem` 410 when there is none.
    func seize(_ id: UploadID) async throws -> Upload {
        let now = clock.now()
        guard let seized = try await store.seize(id, at: now, expiresAt: now + expiresAfter) else { throw TusMachine.gone }
        return seized
    }

    /// Records how far the file of a seized upload reaches.
    /// - Throws: `Problem` 423 when the upload is somebody else's by now.
    func found(_ offset: Int64, bootID: String, of upload: Upload) async throws -> Upload {
        guard let found = try await store.found(offset, bootID: bootID, of: upload, at: clock.now()) else {
            throw TusMachine.locked
        }
        return found
    }

    /// - Returns: false when the caller does not hold the upload any more.
    func checkpoint(_ mark: UploadMark, of upload: Upload) async throws -> Bool {
        try await checkpoint(mark, of: upload) { _ in true } ?? false
    }

    /// - Parameter look: what is looked at in the same transaction, with locks on what it counts.
    /// - Returns: what it found; `nil` when the caller does not hold the upload any more.
    func checkpoint<Found: Sendable>(
        _ mark: UploadMark, of upload: Upload, _ look: @escaping @Sendable (any Transaction) throws -> Found
    ) async throws -> Found? {
        let now = clock.now()
        return try await store.checkpoint(mark, of: upload, at: now, expiresAt: now + expiresAfter, look)
    }

    /// Ends an upload that has all its bytes.
    /// - Parameter admit: decides in the same transaction.
    /// - Throws: `Problem` 423 when the upload is somebody else's by now.
    func close(_ upload: Upload, _ admit: @escaping UploadStore.Admit) async throws -> Upload {
        guard let closed = try await store.close(upload, at: clock.now(), admit) else { throw TusMachine.locked }
        return closed
    }

    /// - Parameter admit: decides in the same transaction.
    /// - Throws: `Problem` 423 when the upload is somebody else's by now.
    func confirm(
        _ mark: UploadMark, of upload: Upload, _ admit: @escaping UploadStore.Admit = { _ in }
    ) async throws -> Upload {
        let now = clock.now()
        let confirmed = try await store.confirm(mark, of: upload, at: now, expiresAt: now + expiresAfter, admit)
        guard let confirmed else { throw TusMachine.locked }
        return confirmed
    }
}
