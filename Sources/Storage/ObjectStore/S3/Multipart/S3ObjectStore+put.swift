import Core
import Glibc
import NIOHTTP1

extension S3ObjectStore {
    /// Sends a file: in one request, or from a certain size on in parts, several at a time.
    public func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await put(localPath, as: key, durable: durable, sha256: nil)
    }

    /// The same; a file that goes in one request is not read twice then.
    public func put(_ localPath: String, as key: ObjectKey, durable: Bool, sha256: String?) async throws {
        guard let size = try await threads.run({ try FileSystem.size(localPath) }) else {
            throw ObjectStoreError.system(ENOENT, "put")
        }
        if size <= configuration.singlePutLimit {
            try await put(.file(FileSlice(path: localPath, offset: 0, length: size)), as: key, sha256: sha256)
        } else {
            try await putInParts(localPath, MultipartLayout(size: size, preferred: configuration.partSize), as: key)
        }
    }

    /// Sends an object in one request.
    /// - Parameter sha256: of the body, if it is known.
    func put(_ body: S3Body, as key: ObjectKey, sha256: String? = nil) async throws {
        let body = body.length == 0 ? .none : body
        _ = try await answer(S3Request(method: .PUT, key: key.text, body: body, sha256: sha256))
    }

    private func putInParts(_ path: String, _ layout: MultipartLayout, as key: ObjectKey) async throws {
        let upload = try await beginMultipart(key)
        do {
            try await complete(upload, with: try await send(path, layout, upload))
        } catch {
            // Not part of this task: what made it fail may be its cancellation.
            await Task { try? await abort(upload) }.value
            throw error
        }
    }

    private func send(_ path: String, _ layout: MultipartLayout, _ upload: MultipartUpload) async throws -> [UploadedPart] {
        try await inParallel(layout.count) { number in
            let range = layout.range(of: number)
            return try await self.uploadPart(
                number, fromFile: path, at: range.lowerBound, count: Int64(range.count), of: upload)
        }
    }

    /// Makes parts from number 1 on, some at a time.
    func inParallel(
        _ count: Int, _ make: @escaping @Sendable (_ number: Int) async throws -> UploadedPart
    ) async throws -> [UploadedPart] {
        try await withThrowingTaskGroup(of: UploadedPart.self) { group in
            var parts: [UploadedPart] = []
            for number in 1...count {
                if number > configuration.parallelParts, let part = try await group.next() { parts.append(part) }
                group.addTask { try await make(number) }
            }
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.number < $1.number }
        }
    }
}
