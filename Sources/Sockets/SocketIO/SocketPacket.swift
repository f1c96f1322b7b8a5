import NIOCore

/// The text of a packet of Socket.IO protocol 5, taken apart but not yet joined with its attachments:
/// `<kind>[<attachments>-][<namespace>,][<id>][<JSON>]`.
struct SocketPacket {
    enum Kind: UInt8 {
        case connect = 0x30
        case disconnect, event, acknowledgement, connectError, binaryEvent, binaryAcknowledgement

        var isBinary: Bool { self == .binaryEvent || self == .binaryAcknowledgement }
    }

    var kind: Kind
    var attachments = 0
    var namespace = SocketPacket.mainNamespace
    /// At most 2^53 - 1: a number that JavaScript can count to.
    var id: UInt64?
    /// Not checked; empty if there is none.
    var json: ByteBuffer

    static let mainNamespace = "/"
    /// Bytes of a namespace.
    static let maxNamespaceBytes = 128

    /// - Returns: `nil` if the text is no packet, whatever its JSON may be.
    init?(_ text: ByteBuffer) {
        json = text
        guard let kind = json.readInteger(as: UInt8.self).flatMap(Kind.init) else { return nil }
        self.kind = kind
        guard !kind.isBinary || readAttachments(), readNamespace(), readID() else { return nil }
    }

    private mutating func readAttachments() -> Bool {
        guard let count = readDigits(atMost: 3), json.readInteger(as: UInt8.self) == UInt8(ascii: "-") else { return false }
        attachments = Int(count)
        return true
    }

    private mutating func readNamespace() -> Bool {
        guard json.readableBytesView.first == UInt8(ascii: "/") else { return true }
        let end = json.readableBytesView.firstIndex(of: UInt8(ascii: ","))
        let length = (end ?? json.writerIndex) - json.readerIndex
        guard length <= Self.maxNamespaceBytes, let name = json.readString(length: length) else { return false }
        namespace = name
        json.moveReaderIndex(forwardBy: end == nil ? 0 : 1)
        return true
    }

    private mutating func readID() -> Bool {
        guard let first = json.readableBytesView.first, (48...57).contains(first) else { return true }
        id = readDigits(atMost: 16)
        return id.map { $0 < 1 << 53 } ?? false
    }

    /// `nil` without a digit, or with more of them.
    private mutating func readDigits(atMost limit: Int) -> UInt64? {
        let digits = json.readableBytesView.prefix { (48...57).contains($0) }
        guard (1...limit).contains(digits.count) else { return nil }
        json.moveReaderIndex(forwardBy: digits.count)
        return digits.reduce(0) { $0 * 10 + UInt64($1 - 48) }
    }
}
