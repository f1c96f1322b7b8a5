import NIOCore

/// One JSON value (RFC 8259) as its own bytes: checked once, then passed on as it is.
public struct JSONText: Sendable, Hashable {
    /// UTF-8.
    public let bytes: ByteBuffer

    /// How deep arrays and objects may nest.
    public static let maxDepth = 32
    /// Bytes of a text that is to be checked.
    public static let maxBytes = 1 << 20

    /// Takes what is known to be one JSON value, such as an encoder's output.
    public init(trusted bytes: ByteBuffer) { self.bytes = bytes }

    /// Takes one JSON value no longer than `maxBytes` and no deeper than `maxDepth`, in time proportional to its length; `nil`
    /// for anything else.
    /// - Parameter bytes: UTF-8; the contents of strings are not looked at again.
    public init?(checking bytes: ByteBuffer) {
        guard bytes.readableBytes <= Self.maxBytes, JSONOutline(of: bytes, keeping: []) != nil else { return nil }
        self.bytes = bytes
    }

    /// A JSON string.
    public init(string: String) {
        var bytes = ByteBufferAllocator().buffer(capacity: string.utf8.count + 2)
        bytes.writeJSON(string: string)
        self.bytes = bytes
    }

    /// Stands for the attachment of that number in a binary event or acknowledgement.
    public static func placeholder(_ number: Int) -> JSONText {
        JSONText(trusted: ByteBuffer(string: #"{"_placeholder":true,"num":\#(number)}"#))
    }

    /// The string; `nil` when this is none, or has half a surrogate pair.
    public var stringValue: String? { JSONString.decode(bytes) }

    /// The member of that name, `nil` when this is no object, has none or has more than 256; of two with one name, the last.
    public func member(_ name: String) -> JSONText? {
        guard let outline = JSONOutline(of: bytes, keeping: .members) else { return nil }
        return outline.members.last { slice($0.name).stringValue == name }.map { slice($0.value) }
    }

    private func slice(_ range: Range<Int>) -> JSONText {
        JSONText(trusted: bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer())
    }
}
