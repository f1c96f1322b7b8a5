import Core
import Glibc
import NIOCore

/// An object store whose objects can be read piece by piece, listed, and copied into.
public protocol StreamingObjectStore: ObjectStore {
    /// Opens an object for reading. Bytes are fetched as they are asked for; a reader that stalls stops the source.
    /// - Parameter range: what to read; `nil` for all. What lies beyond the object's end is left out.
    /// - Throws: `ObjectStoreError.missing`; `.system(EINVAL, ...)` for a range that begins beyond the end;
    ///   while reading, `.unavailable` when the bytes cannot be had, also not by asking again for the rest.
    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes

    /// Stores a copy of a local file, which stays.
    /// - Parameter durable: as with `adopt`.
    func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws

    /// The same for a file whose content is known.
    /// - Parameter sha256: in lower-case hex; `nil` if it is not known after all.
    func put(_ localPath: String, as key: ObjectKey, durable: Bool, sha256: String?) async throws

    /// Some of the objects whose keys begin with the prefix, in an order of the store's own.
    /// - Parameters:
    ///   - prefix: empty for all.
    ///   - cursor: `next` of the page before.
    ///   - limit: 1 to 1000; a page may hold fewer, even when others follow.
    func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage
}

extension StreamingObjectStore {
    /// Makes no use of the hash.
    public func put(_ localPath: String, as key: ObjectKey, durable: Bool, sha256: String?) async throws {
        try await put(localPath, as: key, durable: durable)
    }
}

/// An object in a listing.
public struct StoredObject: Sendable, Hashable {
    public let key: ObjectKey
    /// Bytes.
    public let size: Int64
    /// When it was stored last; `nil` when nobody says.
    public let modifiedAt: Timestamp?

    public init(key: ObjectKey, size: Int64, modifiedAt: Timestamp? = nil) {
        self.key = key
        self.size = size
        self.modifiedAt = modifiedAt
    }
}

/// A piece of a listing.
public struct ObjectPage: Sendable, Equatable {
    public let objects: [StoredObject]
    /// Where the next page begins; `nil` after the last.
    public let next: String?
}

/// The bytes of an object, or of a stretch of it.
public struct ObjectBytes: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer
    public typealias AsyncIterator = ByteStream.AsyncIterator

    /// Bytes of the whole object.
    public let size: Int64
    /// What of it is read.
    public let range: Range<Int64>
    let stream: ByteStream

    public func makeAsyncIterator() -> ByteStream.AsyncIterator { stream.makeAsyncIterator() }

    /// The part of a wanted range that an object has.
    /// - Throws: `ObjectStoreError.system(EINVAL, ...)` when it begins beyond the end.
    static func range(_ wanted: Range<Int64>?, of size: Int64) throws -> Range<Int64> {
        guard let wanted else { return 0..<size }
        guard wanted.lowerBound >= 0, wanted.lowerBound <= size else { throw ObjectStoreError.system(EINVAL, "range") }
        return wanted.lowerBound..<Swift.min(size, wanted.upperBound)
    }
}
