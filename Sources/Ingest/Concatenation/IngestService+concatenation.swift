import Core

/// Uploads that consist of others (tus 1.0.0, concatenation).
extension IngestService {
    /// Admits a file that is put together of partial uploads, as soon as they are all whole.
    /// - Throws: `Problem` 400 `bad_concat`, 413 (also `quota_exceeded`), 429 or 507, or those of the admission.
    func create(_ creation: UploadCreation, of parts: [UploadID], from principal: Principal) async throws -> Upload {
        var creation = creation
        let found = try await store.find(parts)
        if let index = found.firstIndex(of: nil) { throw UploadConcat.noPart(index) }
        creation.declaration.length = UploadJoin.length(of: found)
        let place = try await admission.admit(creation.declaration, from: principal)
        var final = newUpload(creation, in: place.sessionID, from: principal)
        final.state = .joining
        if let index = found.firstIndex(where: { !final.canUse($0, at: clock.now()) }) {
            throw UploadConcat.noPart(index)
        }
        if let length = final.length {
            guard length <= machine.maxSize else { throw TusMachine.tooLarge(machine.maxSize) }
            try await bytes.requireSpace(for: length)
        }
        let limit = configuration.openUploadsPerUploader
        let bounds = quotas.bounds(of: final, in: place)
        let admit: UploadStore.Admit = { [final] tx in
            try quotas.admit(final, of: parts, within: bounds, at: clock.now(), tx)
        }
        switch try await store.insert(final, of: parts, limit: limit, at: clock.now(), admit) {
        case .tooMany: throw tooManyOpen
        case .noPart(let index): throw UploadConcat.noPart(index)
        case .inserted: break
        }
        metrics.created()
        await queue.enqueue(final.id)
        return final
    }

    /// A final upload as its status is told: with its length, once that of each part is known.
    func withLength(_ upload: Upload) async throws -> Upload {
        guard upload.state == .joining, upload.length == nil else { return upload }
        var upload = upload
        upload.declaration.length = UploadJoin.length(of: try await store.parts(of: upload.id))
        return upload
    }

    /// A partial upload has become whole, or never will: those that wait for it are looked after. Should that fail, the
    /// sweep finds them.
    func release(_ part: UploadID) async {
        for final in (try? await store.finals(waitingFor: part)) ?? [] { await queue.enqueue(final) }
    }
}
