import Foundation

/// Reads structured fields byte by byte, as RFC 9651 section 4.2 spells it out. Every function returns `nil` where the
/// specification says that parsing fails.
struct StructuredFieldParser {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        rest = ArraySlice(text.utf8)
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
        skip { $0 == UInt8(ascii: " ") }
    }

    var isAtEnd: Bool { rest.isEmpty }

    // MARK: Containers

    mutating func item() -> StructuredField? {
        guard let value = bareItem(), skipParameters() else { return nil }
        return value
    }

    mutating func dictionary() -> [String: StructuredField]? {
        var members: [String: StructuredField] = [:]
        while !isAtEnd {
            guard let key = key(), let value = member() else { return nil }
            members[key] = value
            skip(Self.isBlank)
            if isAtEnd { break }
            guard take(",") else { return nil }
            skip(Self.isBlank)
            if isAtEnd { return nil }
        }
        return members
    }

    /// What follows a key; nothing means true.
    private mutating func member() -> StructuredField? {
        guard take("=") else { return skipParameters() ? .boolean(true) : nil }
        return rest.first == UInt8(ascii: "(") ? innerList() : item()
    }

    private mutating func innerList() -> StructuredField? {
        guard take("(") else { return nil }
        var items: [StructuredField] = []
        while true {
            skip { $0 == UInt8(ascii: " ") }
            if take(")") { return skipParameters() ? .innerList(items) : nil }
            guard let item = item() else { return nil }
            items.append(item)
            guard let next = rest.first, next == UInt8(ascii: " ") || next == UInt8(ascii: ")") else { return nil }
        }
    }

    private mutating func skipParameters() -> Bool {
        while take(";") {
            skip { $0 == UInt8(ascii: " ") }
            guard key() != nil else { return false }
            if take("="), bareItem() == nil { return false }
        }
        return true
    }

    private mutating func key() -> String? {
        guard let first = rest.first, Self.isLowercase(first) || first == UInt8(ascii: "*") else { return nil }
        return prefix { Self.isLowercase($0) || Self.isDigit($0) || "_-.*".utf8.contains($0) }
    }

    // MARK: Bare items

    private mutating func bareItem() -> StructuredField? {
        guard let first = rest.first else { return nil }
        switch first {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: ":"): return bytes()
        case UInt8(ascii: "?"): return boolean()
        case UInt8(ascii: "@"): return date()
        case UInt8(ascii: "%"): return displayString()
        case UInt8(ascii: "*"), _ where Self.isLetter(first):
            return .token(prefix { Self.isTokenCharacter($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") })
        default: return nil
        }
    }

    private mutating func number() -> StructuredField? {
        let sign = take("-") ? "-" : ""
        let whole = prefix(while: Self.isDigit)
        guard !whole.isEmpty else { return nil }
        guard take(".") else { return whole.utf8.count <= 15 ? Int64(sign + whole).map { .integer($0) } : nil }
        let fraction = prefix(while: Self.isDigit)
        guard whole.utf8.count <= 12, (1...3).contains(fraction.utf8.count) else { return nil }
        return Double("\(sign)\(whole).\(fraction)").map { .decimal($0) }
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), "\"\\".utf8.contains(escaped) else { return nil }
                text.append(escaped)
            case 0x20...0x7e: text.append(byte)
            default: return nil
            }
        }
        return nil
    }

    private mutating func bytes() -> StructuredField? {
        guard take(":") else { return nil }
        let base64 = prefix { $0 != UInt8(ascii: ":") }
        guard take(":"), let data = Data(base64Encoded: base64) else { return nil }
        return .bytes([UInt8](data))
    }

    private mutating func boolean() -> StructuredField? {
        guard take("?") else { return nil }
        if take("1") { return .boolean(true) }
        return take("0") ? .boolean(false) : nil
    }

    private mutating func date() -> StructuredField? {
        guard take("@"), case .integer(let seconds) = number() else { return nil }
        return .date(seconds)
    }

    private mutating func displayString() -> StructuredField? {
        guard take("%"), take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self).map { .displayString($0) }
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Self.hex), let low = rest.popFirst().flatMap(Self.hex) else { return nil }
                text.append(high << 4 | low)
            case 0x20...0x7e: text.append(byte)
            default: return nil
            }
        }
        return nil
    }

    // MARK: Bytes

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) { rest = rest.drop(while: isSkipped) }

    private mutating func prefix(while isTaken: (UInt8) -> Bool) -> String {
        let bytes = rest.prefix(while: isTaken)
        rest = rest[bytes.endIndex...]
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLowercase(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { isLowercase(byte | 0x20) }

    /// `tchar` of RFC 9110 section 5.6.2.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - UInt8(ascii: "0") }
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte) ? byte - UInt8(ascii: "a") + 10 : nil
    }
}
