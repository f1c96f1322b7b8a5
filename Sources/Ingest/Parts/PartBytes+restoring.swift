import Core
import NIOConcurrencyHelpers
import ObjectStore

extension PartBytes {
    /// The store copies if it can; else the object is read and sent on. An attempt that fails leaves no parts behind, unless
    /// the process or the store ends with it.
    func restore(_ upload: Upload, as key: ObjectKey) async throws {
        let fresh = partials.partialUpload(key, length: upload.offset)
        let begun = NIOLockedValueBox(fresh)
        do {
            let whole = try await copy(upload, into: fresh) { state in begun.withLockedValue { $0 = state } }
            guard try await partials.complete(whole) == upload.offset else { throw ObjectStoreError.missing(key) }
        } catch {
            let left = begun.withLockedValue { $0 }
            // In a task of its own: also when this one was cancelled.
            await Task { try? await partials.giveBack(left) }.value
            throw error
        }
    }

    private func copy(
        _ upload: Upload, into fresh: PartialUpload, record: @escaping @Sendable (PartialUpload) -> Void
    ) async throws -> PartialUpload {
        if let copied = try await partials.join([try partial(upload)], into: fresh, record: record) { return copied }
        return try await send(upload, into: fresh, record: record)
    }

    private func send(
        _ upload: Upload, into fresh: PartialUpload, record: @escaping @Sendable (PartialUpload) -> Void
    ) async throws -> PartialUpload {
        var writer = try await partials.writer(of: fresh, checkpoints: false, record: record)
        for try await chunk in try await partials.read(upload.objectKey, range: nil) {
            try Task.checkCancellation()
            try await writer.append(chunk)
        }
        return try await writer.finish()
    }
}
