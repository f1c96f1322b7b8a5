/// Reads the tags and texts of an XML document (XML 1.0, fifth edition) one after another, without trusting it: no
/// document types, no entities but the five that need no declaration, no recursion.
struct XMLScanner {
    enum Event: Equatable {
        /// - Parameter isEmpty: no end follows.
        case start(String, attributes: [(name: String, value: String)], isEmpty: Bool)
        case end(String)
        case text(String)

        static func == (lhs: Event, rhs: Event) -> Bool {
            switch (lhs, rhs) {
            case (.start(let name, let attributes, let isEmpty), .start(let other, let others, let isOtherEmpty)):
                name == other && isEmpty == isOtherEmpty && attributes.elementsEqual(others, by: ==)
            case (.end(let name), .end(let other)): name == other
            case (.text(let text), .text(let other)): text == other
            default: false
            }
        }
    }

    private let bytes: [UInt8]
    private var index = 0

    /// A scanner at the beginning of a document in UTF-8.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next tag or text; `nil` at the end, and at anything that is no XML.
    mutating func next() -> Event? {
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<") else { return .text(Self.resolved(take(upTo: "<"))) }
            if skip("<!--") { skip(past: "-->"); continue }
            if skip("<![CDATA[") { return .text(String(decoding: take(past: "]]>"), as: UTF8.self)) }
            if skip("<?") { skip(past: "?>"); continue }
            if skip("</") { return .end(Self.name(take(past: ">"))) }
            // A document type could declare entities.
            if skip("<!") { return nil }
            index += 1
            return start()
        }
        return nil
    }

    private mutating func start() -> Event? {
        let name = Self.name(take { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "/") || Self.isSpace($0) })
        var attributes: [(String, String)] = []
        while true {
            _ = take { !Self.isSpace($0) }
            if skip("/>") { return .start(name, attributes: attributes, isEmpty: true) }
            if skip(">") { return .start(name, attributes: attributes, isEmpty: false) }
            let key = take { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ">") || Self.isSpace($0) }
            _ = take { !Self.isSpace($0) }
            guard !key.isEmpty, skip("=") else { return nil }
            _ = take { !Self.isSpace($0) }
            let quote = skip("\"") ? "\"" : skip("'") ? "'" : nil
            guard let quote else { return nil }
            attributes.append((Self.name(key), Self.resolved(take(past: quote))))
        }
    }

    // MARK: Bytes

    private mutating func skip(_ word: StaticString) -> Bool {
        let isThere = word.withUTF8Buffer { word in bytes[index...].starts(with: word) }
        if isThere { index += word.utf8CodeUnitCount }
        return isThere
    }

    private mutating func skip(past word: String) { _ = take(past: word) }

    /// What lies before the word, which is left out; all when it never comes.
    private mutating func take(past word: String) -> ArraySlice<UInt8> {
        let found = take(upTo: word)
        index = min(bytes.count, index + word.utf8.count)
        return found
    }

    private mutating func take(upTo word: String) -> ArraySlice<UInt8> {
        let (word, start) = (Array(word.utf8), index)
        while index < bytes.count, !bytes[index...].starts(with: word) { index += 1 }
        return bytes[start..<index]
    }

    private mutating func take(until isEnd: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, !isEnd(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func name(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.filter { !isSpace($0) }.prefix(128), as: UTF8.self)
    }

    /// Text with its references resolved (section 4.1); those that nobody has declared stay as they are.
    private static func resolved(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var text = ""
        var rest = bytes
        while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
            text += String(decoding: rest[..<start], as: UTF8.self)
            rest = rest[(start + 1)...]
            // The longest is that of the highest character in hex.
            let end = rest.prefix(10).firstIndex(of: UInt8(ascii: ";"))
            guard let end, let character = character(String(decoding: rest[..<end], as: UTF8.self)) else {
                text += "&"
                continue
            }
            text.unicodeScalars.append(character)
            rest = rest[(end + 1)...]
        }
        return text + String(decoding: rest, as: UTF8.self)
    }

    private static func character(_ reference: String) -> Unicode.Scalar? {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard reference.hasPrefix("#") else { return nil }
            let digits = reference.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap(Unicode.Scalar.init)
        }
    }
}
