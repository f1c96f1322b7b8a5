import Core
import Logging

/// Brings an upload's affairs in order after its end, from wherever an earlier attempt stopped: every step may have
/// happened already, and none takes effect twice.
struct UploadSettler: Sendable {
    let store: UploadStore
    let files: UploadFiles
    let follower: HashFollower
    let objects: any ObjectStore
    let handler: any CompletedUploadHandler
    let clock: any WallClock
    let metrics: IngestMetrics

    /// Hands a whole upload over, or removes what an ended one has left.
    func settle(_ id: UploadID) async throws {
        guard let upload = try await store.find(id) else { return }
        if upload.state == .completing { try await complete(upload) }
        guard let ended = try await store.find(id), ended.state != .completing else { return }
        follower.forget(id)
        try await clean(ended)
    }

    private func complete(_ upload: Upload) async throws {
        let isReceived = try await files.size(of: upload.id) != nil
        guard let digest = try await digest(of: upload, isReceived: isReceived) else {
            return try await fail(upload, because: "bytes_lost")
        }
        let sha256 = digest.sha256
        if let declared = upload.declaration.sha256, declared != sha256 {
            return try await fail(upload, because: "checksum_mismatch")
        }
        if isReceived { try await objects.adopt(files.path(of: upload.id), as: upload.objectKey, durable: true) }
        let completed = CompletedUpload(
            id: upload.id, sessionID: upload.sessionID, declaration: upload.declaration, size: upload.offset,
            sha256: sha256, crc32: digest.crc32, objectKey: upload.objectKey, uploaderID: upload.uploaderID,
            completedAt: clock.now())
        try await handOver(completed, upload)
    }

    private func handOver(_ completed: CompletedUpload, _ upload: Upload) async throws {
        do {
            switch try await store.complete(completed, with: handler) {
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

    /// The digest of the received file, or of the object it became before a crash; `nil` when there is neither.
    private func digest(of upload: Upload, isReceived: Bool) async throws -> ContentDigest? {
        do {
            if isReceived {
                return try await follower.digest(of: upload.id, path: files.path(of: upload.id), length: upload.offset)
            }
            return try await objects.withLocalFile(upload.objectKey) { path in
                try await follower.digest(of: upload.id, path: path, length: upload.offset)
            }
        } catch UploadFileError.missing {
            return nil
        } catch ObjectStoreError.missing {
            return nil
        }
    }

    private func fail(_ upload: Upload, because code: String) async throws {
        try await store.fail(upload.id, from: .completing, because: code, at: clock.now())
        metrics.settled(.failed)
    }

    private func clean(_ upload: Upload) async throws {
        if upload.cleanup == .nothing { return }
        if upload.cleanup != .object { try await files.remove(upload.id) }
        if upload.cleanup != .file { try await objects.remove(upload.objectKey) }
        try await store.cleaned(upload.id)
    }
}

extension Upload {
    /// Where the bytes lie once the upload is whole.
    var objectKey: ObjectKey { .original(OriginalID(id)) }
}
