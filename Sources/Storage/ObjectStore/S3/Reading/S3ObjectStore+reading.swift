import Core

extension S3ObjectStore {
    /// The first request is made at once, so that a missing object is known before anything is promised.
    public func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes {
        if let range, range.isEmpty {
            guard let size = try await size(of: key) else { throw ObjectStoreError.missing(key) }
            return ObjectBytes(size: size, range: try ObjectBytes.range(range, of: size), stream: .empty)
        }
        let opened = try await S3Reader.open(key, range, client)
        return ObjectBytes(size: opened.size, range: opened.range, stream: opened.stream(client))
    }
}

extension ByteStream {
    static let empty = ByteStream { { nil } }
}
