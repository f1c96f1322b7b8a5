import Core

extension S3ObjectStore {
    /// The server copies: no byte passes through here.
    public func join(
        _ parts: [PartialUpload], into upload: PartialUpload, record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws -> PartialUpload? {
        guard upload.offset == 0 else { return nil }
        // An earlier attempt left it.
        if let id = upload.uploadID { try await abandon(MultipartUpload(key: upload.key, id: id)) }
        guard let plan = CopyPlan(parts.map { StoredObject(key: $0.key, size: $0.offset) }) else { return nil }
        let fresh = PartialUpload(upload.key, partSize: upload.partSize)
        let copy = try await beginMultipart(of: fresh, record: record)
        do {
            try await complete(copy, with: try await copyParts(plan, of: copy))
            guard try await size(of: upload.key) == plan.size else { return nil }
        } catch is ObjectStoreError {
            // Not all servers can copy parts, nor all of them parts that differ in size.
            try await abort(copy)
            return nil
        }
        return fresh.finished(asObjectOf: plan.size)
    }

    private func copyParts(_ plan: CopyPlan, of upload: MultipartUpload) async throws -> [UploadedPart] {
        try await inParallel(plan.pieces.count) { number in
            let piece = plan.pieces[number - 1]
            return try await self.copyPart(number, of: piece.source, piece.range, size: piece.size, into: upload)
        }
    }
}

extension PartialUpload {
    fileprivate func finished(asObjectOf size: Int64) -> PartialUpload {
        var upload = self
        upload.tail = .object(size: size)
        return upload
    }
}
