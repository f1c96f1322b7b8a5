import Core
import Glibc

extension S3ObjectStore: PartialUploads {
    /// Parts of the configured size; of long uploads larger ones, so that about a thousand are enough.
    public func partialUpload(_ key: ObjectKey, length: Int64?) -> PartialUpload {
        let size = min(length ?? 0, Self.maxSize)
        // Not as large as those of a file: they lie in the scratch folder until they are sent, and what is left over at the
        // end of a request is sent twice.
        let wanted = MultipartLayout(size: size, preferred: configuration.partSize, growth: 2, parts: 1000).partSize
        let most = max(configuration.partSize, min(64 << 20, configuration.scratchBytes / 4))
        return PartialUpload(key, partSize: min(wanted, most))
    }

    public func writer(
        of upload: PartialUpload, checkpoints: Bool, record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws -> any PartialUploadWriter {
        try await S3PartialUpload(upload, store: self, hasCheckpoints: checkpoints, record: record)
    }

    public func complete(_ upload: PartialUpload) async throws -> Int64 {
        do {
            try await assemble(upload)
        } catch ObjectStoreError.missing {
            // Completed before, perhaps: then the object is there.
        }
        guard try await size(of: upload.key) == upload.offset else { throw ObjectStoreError.missing(upload.key) }
        try await removeSegments(of: upload.key)
        return upload.offset
    }

    public func discard(_ upload: PartialUpload) async throws {
        try await giveBack(upload)
        try await removeSegments(of: upload.key)
        try await remove(upload.key)
    }

    public func giveBack(_ upload: PartialUpload) async throws {
        if let id = upload.uploadID { try await abort(MultipartUpload(key: upload.key, id: id)) }
    }

    /// Bytes of an object, at most.
    static let maxSize: Int64 = 5 << 40

    /// Where the segments of an upload lie.
    static func segments(of key: ObjectKey) -> String { "partial/\(key)/" }

    var download: S3Download { S3Download(client: client, scratch: scratch) }

    /// Begins an upload's multipart, and has that recorded at once, so that whoever gives the upload up knows what to abort.
    func beginMultipart(
        of upload: PartialUpload, record: (PartialUpload) async throws -> Void
    ) async throws -> MultipartUpload {
        let multipart = try await beginMultipart(upload.key)
        var begun = upload
        begun.uploadID = multipart.id
        do { try await record(begun) } catch {
            // Not part of this task: what made it fail may be its cancellation.
            await Task { try? await abort(multipart) }.value
            throw error
        }
        return multipart
    }

    /// Makes the object of what there is. The recorded state stays good: its segments are left where they are.
    private func assemble(_ upload: PartialUpload) async throws {
        var finished = upload
        if !upload.isFinished {
            var writer = try await S3PartialUpload(
                upload, store: self, hasCheckpoints: false, removesSegments: false, record: { _ in })
            finished = try await writer.finish()
        }
        guard let id = finished.uploadID else { return }
        let multipart = MultipartUpload(key: upload.key, id: id)
        // Begun by a request of which no part counts: what there is was sent whole.
        if case .object = finished.tail { return try await abandon(multipart) }
        try await complete(multipart, with: finished.allParts)
    }

    /// Gives up parts that nobody needs. What the server does not let go of takes room and does no other harm.
    /// - Throws: `ObjectStoreError.unavailable`.
    func abandon(_ multipart: MultipartUpload) async throws {
        do { try await abort(multipart) } catch ObjectStoreError.system {}
    }

    /// Also those that were never recorded.
    private func removeSegments(of key: ObjectKey) async throws {
        while true {
            let page = try await page(prefix: Self.segments(of: key), after: nil, limit: 1000)
            if page.objects.isEmpty { return }
            try await remove(page.objects.map(\.key))
            if page.next == nil { return }
        }
    }
}

extension PartialUpload {
    /// As `complete` names them.
    var allParts: [UploadedPart] {
        var all = parts.enumerated().map { UploadedPart(number: $0 + 1, size: partSize, etag: $1) }
        if case .part(let size, let etag) = tail { all.append(UploadedPart(number: parts.count + 1, size: size, etag: etag)) }
        return all
    }
}
