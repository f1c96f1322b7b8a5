public import HTTPTypes
import NIOCore

/// The head of a request that needs no decoder: GET or HEAD over HTTP/1.1, complete, with nothing about it that could be
/// read in two ways. What is unusual is left to the decoder, which refuses or understands it.
public struct DirectRequest: Sendable {
    /// Whether it is a HEAD.
    public let isHead: Bool
    /// The request target: visible ASCII, beginning with `/`.
    public let target: String
    /// Whether the connection can send files without reading them; answers that need it to are dropped otherwise.
    public var takesFiles = true
    /// Whether a proxy of ours passes it on.
    public var isFromProxy = false
    /// Bytes of the head.
    let length: Int
    private let bytes: ByteBuffer
    private let fields: [HeadParser.Field]

    /// Reads the request that the bytes begin with; `nil` unless all of its head is there and plain.
    init?(_ bytes: ByteBuffer, _ limits: ConnectionLimits) {
        let parsed = bytes.withUnsafeReadableBytes { HeadParser($0).parse(limits) }
        guard let parsed, let target = bytes.getString(at: bytes.readerIndex + parsed.target.lowerBound, length: parsed.target.count)
        else { return nil }
        isHead = parsed.isHead
        length = parsed.length
        self.target = target
        self.bytes = bytes
        fields = parsed.fields
    }

    /// The fields of those names, in the order in which they came.
    public func fields(_ names: [HTTPField.Name]) -> HTTPFields {
        var found = HTTPFields()
        for field in fields {
            guard let name = names.first(where: { has(field, $0.canonicalName) }) else { continue }
            found.append(HTTPField(name: name, value: text(field.value)))
        }
        return found
    }

    /// Whether there is a field of one of those names.
    public func contains(_ names: [HTTPField.Name]) -> Bool {
        fields.contains { field in names.contains { has(field, $0.canonicalName) } }
    }

    /// The value of a field that is there once; `nil` otherwise.
    func value(_ name: HTTPField.Name) -> String? {
        let found = fields.filter { has($0, name.canonicalName) }
        return found.count == 1 ? text(found[0].value) : nil
    }

    /// Whether the connection ends after the answer; `nil` when the request asks for anything else of it.
    var closes: Bool? {
        let options = fields([.connection])
        if options.isEmpty { return false }
        guard options.count == 1 else { return nil }
        return switch options[0].value.lowercased() {
        case "close": true
        case "keep-alive": false
        default: nil
        }
    }

    /// - Parameter name: in lower case.
    private func has(_ field: HeadParser.Field, _ name: String) -> Bool {
        guard field.name.count == name.utf8.count else { return false }
        return bytes.withUnsafeReadableBytes { bytes in
            zip(bytes[field.name], name.utf8).allSatisfy { HeadParser.lowercased($0) == $1 }
        }
    }

    private func text(_ range: Range<Int>) -> String {
        bytes.getString(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ""
    }
}

/// Reads a head, more strictly than RFC 9112 asks for: whatever it takes has one meaning only.
private struct HeadParser {
    /// Where a field lies in the bytes.
    struct Field {
        var name: Range<Int>
        var value: Range<Int>
    }

    struct Head {
        var isHead: Bool
        var target: Range<Int>
        var fields: [Field]
        var length: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private static let carriageReturn = UInt8(ascii: "\r"), newLine = UInt8(ascii: "\n"), space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t"), colon = UInt8(ascii: ":")

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    consuming func parse(_ limits: ConnectionLimits) -> Head? {
        let isHead = skip("HEAD ")
        guard isHead || skip("GET "), let target = target(limits), skip(" HTTP/1.1\r\n") else { return nil }
        var fields: [Field] = []
        fields.reserveCapacity(16)
        let start = position
        while !skip("\r\n") {
            guard fields.count < limits.headerFields, let field = field(), position - start <= limits.headerBytes else { return nil }
            fields.append(field)
        }
        return Head(isHead: isHead, target: target, fields: fields, length: position)
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for index in position..<end where bytes[index] != text.utf8Start[index - position] { return false }
        position = end
        return true
    }

    private mutating func target(_ limits: ConnectionLimits) -> Range<Int>? {
        let start = position
        while position < bytes.count, (0x21...0x7E).contains(bytes[position]) { position += 1 }
        guard position > start, position - start <= limits.targetBytes, bytes[start] == UInt8(ascii: "/") else { return nil }
        return start..<position
    }

    /// A field line (RFC 9112 section 5) of visible ASCII, without the white space around its value.
    private mutating func field() -> Field? {
        let name = position
        while position < bytes.count, Self.isToken(bytes[position]) { position += 1 }
        let nameEnd = position
        guard nameEnd > name, position < bytes.count, bytes[position] == Self.colon else { return nil }
        position += 1
        while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
        let value = position
        while position < bytes.count, (0x20...0x7E).contains(bytes[position]) || bytes[position] == Self.tab { position += 1 }
        var valueEnd = position
        guard skip("\r\n") else { return nil }
        while valueEnd > value, Self.isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
        return Field(name: name..<nameEnd, value: value..<valueEnd)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// RFC 9110 section 5.6.2, as a bit for each character.
    private static func isToken(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        let table: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return table >> (byte & 63) & 1 == 1
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
