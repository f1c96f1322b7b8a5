/// The name of an object: lower-case segments parted by `/`, chosen by Lumiere and never by a client.
public struct ObjectKey: Sendable, Hashable, Codable, SQLConvertible, CustomStringConvertible {
    /// The whole name.
    public let text: String

    /// `nil` unless every segment is made of `a-z 0-9 . _ -`, is not empty and does not start with a dot.
    public init?(_ text: String) {
        guard text.utf8.count <= 512, Self.isValid(text.utf8) else { return nil }
        self.text = text
    }

    public var description: String { text }
    public var sqlValue: SQLValue { .text(text) }
    public init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text)
    }

    /// Where an original lies.
    public static func original(_ id: OriginalID) -> ObjectKey { ObjectKey(unchecked: "originals/\(id)") }

    /// Where a rendition lies.
    public static func rendition(_ id: OriginalID, _ name: RenditionName, recipe: String, format: MediaFormat) -> ObjectKey {
        ObjectKey(unchecked: "renditions/\(id)/\(name.rawValue)-\(recipe).\(format.fileExtension)")
    }

    private init(unchecked text: String) { self.text = text }

    /// In one pass: archives read thousands of them.
    private static func isValid(_ text: String.UTF8View) -> Bool {
        var beginsSegment = true
        for byte in text {
            switch byte {
            case 97...122, 48...57, 95, 45: beginsSegment = false
            case 46, 47:
                if beginsSegment { return false }
                beginsSegment = byte == 47
            default: return false
            }
        }
        return !beginsSegment
    }
}

/// Keeps files. Disk or S3. All calls may wait; none blocks the caller's thread.
public protocol ObjectStore: Sendable {
    /// Takes over a local file under a key, replacing what was there; the local file may be gone afterwards.
    /// - Parameter durable: whether it must survive a power cut when this returns: all that a database row will speak of.
    func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws

    /// Bytes; `nil` when there is no such object.
    func size(of key: ObjectKey) async throws -> Int64?

    /// Removes an object; nothing happens when there is none.
    func remove(_ key: ObjectKey) async throws

    /// Gives a local path to read the object from, for as long as the body runs: the file itself, or a scratch copy.
    /// - Throws: `ObjectStoreError.missing`.
    func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (_ path: String) async throws -> Value
    ) async throws -> Value

    /// The path to read from when the object is a local file; `nil` when it has to be streamed.
    func localPath(of key: ObjectKey) -> String?

    /// Removes many objects; those that are not there are none of its concern.
    func remove(_ keys: [ObjectKey]) async throws

    /// A URL from which a client can fetch the object itself for a while; `nil` when the store has none to give.
    /// Whether there is such an object is not looked up.
    func address(of key: ObjectKey, as link: ObjectLink) throws -> String?
}

extension ObjectStore {
    /// Removes one after the other.
    public func remove(_ keys: [ObjectKey]) async throws {
        for key in keys { try await remove(key) }
    }

    /// None.
    public func address(of key: ObjectKey, as link: ObjectLink) throws -> String? { nil }
}

/// How a client that fetches an object itself is to be given it.
public struct ObjectLink: Sendable, Hashable {
    /// How long the URL is good for; at most seven days.
    public var lifetime: Duration
    /// The `Content-Type` of the answer.
    public var contentType: String?
    /// The `Content-Disposition` of the answer (RFC 6266).
    public var contentDisposition: String?

    public init(lifetime: Duration, contentType: String? = nil, contentDisposition: String? = nil) {
        self.lifetime = lifetime
        self.contentType = contentType
        self.contentDisposition = contentDisposition
    }
}

/// What can go wrong with a store, whichever it is.
public enum ObjectStoreError: Error, Sendable, Equatable {
    /// There is no such object.
    case missing(ObjectKey)
    /// There is no room.
    case full
    /// `errno` and what was tried.
    case system(Int32, String)
    /// The store cannot be reached or asks for patience: to try again later makes sense. What was tried, and the answer.
    case unavailable(String)
}
