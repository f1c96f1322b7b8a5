import Core

/// What a database row keeps of an object that comes in over several requests, perhaps to several nodes: any node can go
/// on from it. Everything it speaks of is in the object store.
///
/// Whole parts have one size, so that part `n` always holds the same stretch of the object: should a node that has lost
/// the upload still send one, it sends the same bytes, and if they differ the ETag does and completion fails.
public struct PartialUpload: Sendable, Equatable, Codable {
    /// What comes after the whole parts.
    public enum Tail: Sendable, Equatable, Codable {
        /// Objects of their own with the bytes of a part that is not full yet, in order.
        case segments([Segment])
        /// The last part, which may be small: nothing can follow.
        case part(size: Int64, etag: String)
        /// There are no parts: everything was sent to its key at once.
        case object(size: Int64)
    }

    /// A few bytes kept aside.
    public struct Segment: Sendable, Equatable, Codable {
        public let key: ObjectKey
        /// Bytes, at least one.
        public let size: Int64

        public init(key: ObjectKey, size: Int64) {
            self.key = key
            self.size = size
        }
    }

    /// What it is going to be.
    public let key: ObjectKey
    /// Bytes of a whole part.
    public let partSize: Int64
    /// The server's name for the upload in parts; `nil` before the first one is full. It may be there without any part, when
    /// the request that began it came to nothing; also of an upload that was sent whole in the end.
    public internal(set) var uploadID: String?
    /// The ETags of the whole parts, from number 1 on.
    public internal(set) var parts: [String] = []
    public internal(set) var tail = Tail.segments([])

    /// Nothing yet.
    public init(_ key: ObjectKey, partSize: Int64) {
        self.key = key
        self.partSize = partSize
    }

    /// Bytes that are safe: what may be confirmed to a client.
    public var offset: Int64 { Int64(parts.count) * partSize + tailSize }

    /// Whether it can take no more bytes.
    public var isFinished: Bool { if case .segments = tail { false } else { true } }

    /// Bytes after the whole parts.
    var tailSize: Int64 {
        switch tail {
        case .segments(let segments): segments.reduce(0) { $0 + $1.size }
        case .part(let size, _), .object(let size): size
        }
    }

    var segments: [Segment] { if case .segments(let segments) = tail { segments } else { [] } }
}
