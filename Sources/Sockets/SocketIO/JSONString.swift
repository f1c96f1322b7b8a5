import NIOCore

/// The strings of JSON (RFC 8259 section 7).
enum JSONString {
    /// Reads a whole valid JSON string, quotes included; `nil` for anything else and for half a surrogate pair.
    static func decode(_ text: ByteBuffer) -> String? {
        var rest = text
        guard rest.readableBytes >= 2, rest.readInteger(as: UInt8.self) == UInt8(ascii: "\""),
            var content = rest.readSlice(length: rest.readableBytes - 1), rest.readableBytesView.first == UInt8(ascii: "\"")
        else { return nil }
        guard content.readableBytesView.contains(UInt8(ascii: "\\")) else {
            return String(validating: content.readableBytesView, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        while let byte = content.readInteger(as: UInt8.self) {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let scalar = escape(&content) else { return nil }
            bytes += Array(String(Character(scalar)).utf8)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    static func hexValue(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(digit) - 55
        default: nil
        }
    }

    private static func escape(_ rest: inout ByteBuffer) -> Unicode.Scalar? {
        switch rest.readInteger(as: UInt8.self) {
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "u"): scalar(&rest)
        case let byte?: Unicode.Scalar(byte)
        case nil: nil
        }
    }

    /// The digits behind `\u`, and a second escape for what lies beyond the first plane.
    private static func scalar(_ rest: inout ByteBuffer) -> Unicode.Scalar? {
        guard let first = hex(&rest) else { return nil }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, rest.readInteger(as: UInt16.self) == 0x5C75, let second = hex(&rest),
            (0xDC00..<0xE000).contains(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private static func hex(_ rest: inout ByteBuffer) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = rest.readInteger(as: UInt8.self).flatMap(hexValue) else { return nil }
            value = value << 4 | digit
        }
        return value
    }
}

extension ByteBuffer {
    /// Writes a JSON string, quotes included.
    mutating func writeJSON(string: String) {
        writeInteger(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                writeInteger(UInt8(ascii: "\\"))
                writeInteger(byte)
            case ..<0x20:
                writeString("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
            default:
                writeInteger(byte)
            }
        }
        writeInteger(UInt8(ascii: "\""))
    }
}
