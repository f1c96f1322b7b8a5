/// An object that a row speaks of, and what the row says of it.
public struct RecordedObject: Sendable, Equatable {
    public var key: ObjectKey
    /// Bytes.
    public var size: Int64
    /// Lower-case hex.
    public var sha256: String

    public init(key: ObjectKey, size: Int64, sha256: String) {
        self.key = key
        self.size = size
        self.sha256 = sha256
    }
}

/// Says whether objects are still needed. Implemented by every feature that puts objects under `originals/` or `renditions/`.
public protocol ObjectNaming: Sendable {
    /// Those of some hundreds of objects that its rows name.
    func named(_ keys: [ObjectKey], transaction: any Transaction) throws -> Set<ObjectKey>
}

/// Lists the objects that a feature's rows name. Implemented by Sessions (originals) and Processing (renditions).
public protocol ObjectInventory: ObjectNaming {
    /// How many there are.
    func count(transaction: any Transaction) throws -> Int

    /// Some of them, in an order of its own.
    /// - Parameter cursor: `next` of the page before.
    /// - Returns: `next` is `nil` after the last.
    func page(
        after cursor: String?, limit: Int, transaction: any Transaction
    ) throws -> (objects: [RecordedObject], next: String?)
}

extension ObjectKey {
    /// The original that it holds or was derived from: the second segment of its name.
    public var originalID: OriginalID? {
        let segments = text.split(separator: "/")
        return segments.count < 2 ? nil : OriginalID(String(segments[1]))
    }
}
