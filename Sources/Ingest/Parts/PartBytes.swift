import Core
import Glibc
import ObjectStore

/// Bytes in an object store that every node reaches: whole parts, and what is left over in objects of its own.
///
/// Nothing of an upload is on this node but what is on its way, so its state is in its row.
struct PartBytes: UploadBytes {
    let partials: any PartialUploads & StreamingObjectStore
    let digests = PassingDigests()
    let hashPool: BlockingPool
    let ledger: UploadLedger
    /// Tells the other nodes that an upload has been taken over.
    let announce: @Sendable (Upload) -> Void

    /// Bytes count by the store's word, whatever becomes of this machine.
    var bootID: String { "" }

    /// The object store says itself when it is full.
    func requireSpace(for bytes: Int64) async throws {}

    func begin(_ upload: Upload) async throws -> any OpenUpload { OpenParts(bytes: self) }

    func take(_ upload: Upload) async throws -> (Upload, (any OpenUpload)?) {
        let seized = try await ledger.seize(upload.id)
        announce(seized)
        digests.advance(seized)
        return (seized, seized.state == .receiving ? OpenParts(bytes: self) : nil)
    }

    func seemsWhole(_ upload: Upload) async throws -> Bool { false }

    func deliver(_ upload: Upload, if isExpected: @Sendable (ContentDigest) -> Bool) async throws -> ContentDigest? {
        if let digest = await digests.digest(of: upload) {
            if !isExpected(digest) { return digest }
            return try await complete(upload) ? digest : nil
        }
        return try await complete(upload) ? try await digest(ofObject: upload) : nil
    }

    /// - Returns: false when fewer bytes are there than were confirmed.
    /// - Throws: `ObjectStoreError`; one that is about the bytes when there is nothing of them, to be asked again.
    func complete(_ upload: Upload) async throws -> Bool {
        do {
            return try await partials.complete(partial(upload)) == upload.offset
        } catch ObjectStoreError.missing {
            // Something in front of the store may have said so: one such answer does not end an upload.
            throw ObjectStoreError.system(ESTALE, "parts are not there")
        }
    }

    /// Reads the object once, piece by piece.
    private func digest(ofObject upload: Upload) async throws -> ContentDigest {
        var hash = PassingHash(pool: hashPool)
        for try await chunk in try await partials.read(upload.objectKey, range: nil) { try await hash.append(chunk) }
        let digest = try await hash.conclude().value
        guard digest.count == upload.offset else { throw ObjectStoreError.unavailable("an object that was cut short") }
        return digest
    }

    func remove(_ upload: Upload) async throws {
        if upload.cleanup == .object { return try await partials.remove(upload.objectKey) }
        try await partials.discard(partial(upload))
    }

    func forget(_ id: UploadID) { digests.forget(id) }

    func stop() async {}

    /// The state of an upload in parts; of one that has not begun, the first.
    /// - Throws: `KeptElsewhere` when its bytes lie in a file.
    func partial(_ upload: Upload) throws -> PartialUpload {
        if upload.parts.isEmpty, upload.offset > 0 { throw KeptElsewhere(id: upload.id) }
        if upload.parts.isEmpty { return partials.partialUpload(upload.objectKey, length: upload.length) }
        return try JSON.decode(PartialUpload.self, from: upload.parts)
    }
}

/// The parts of one upload, held by one request.
private struct OpenParts: OpenUpload {
    let bytes: PartBytes

    func sink(for upload: Upload, _ ports: SinkPorts) async throws -> any UploadSink {
        try await PartSink(upload, bytes, ports)
    }
}
