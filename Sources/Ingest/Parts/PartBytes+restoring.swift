import Core
import ObjectStore

extension PartBytes {
    /// The store copies if it can; else the object is read and sent on. An attempt that fails may leave parts, which cost
    /// room and nothing else.
    func restore(_ upload: Upload, as key: ObjectKey) async throws {
        let fresh = partials.partialUpload(key, length: upload.offset)
        let copied = try await partials.join([try partial(upload)], into: fresh) { _ in }
        let whole = if let copied { copied } else { try await send(upload, into: fresh) }
        guard try await partials.complete(whole) == upload.offset else { throw ObjectStoreError.missing(key) }
    }

    private func send(_ upload: Upload, into fresh: PartialUpload) async throws -> PartialUpload {
        var writer = try await partials.writer(of: fresh, checkpoints: false) { _ in }
        for try await chunk in try await partials.read(upload.objectKey, range: nil) {
            try Task.checkCancellation()
            try await writer.append(chunk)
        }
        return try await writer.finish()
    }
}
