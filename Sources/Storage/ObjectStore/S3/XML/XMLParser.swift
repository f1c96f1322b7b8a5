/// Reads the XML of S3's answers: elements, text, the five named entities, character references, CDATA. Comments,
/// instructions and attributes are skipped; a document type is refused, so that no entity can grow. Everything is bounded.
struct XMLParser {
    struct Malformed: Error, Equatable {}

    static let maxDepth = 12
    static let maxElements = 20_000

    private var bytes: ArraySlice<UInt8>
    private var elements = 0

    /// The root element.
    /// - Throws: `Malformed`.
    static func parse(_ bytes: some Sequence<UInt8>) throws -> XMLElement {
        var parser = XMLParser(bytes: ArraySlice(Array(bytes)))
        try parser.skipMisc()
        return try parser.element(depth: 0)
    }

    private mutating func element(depth: Int) throws -> XMLElement {
        elements += 1
        guard depth < Self.maxDepth, elements <= Self.maxElements, take("<") else { throw Malformed() }
        var element = XMLElement(name: try name())
        if try skipAttributes() { return element }
        var text: [UInt8] = []
        while !starts("</") {
            if take("<!--") {
                try skip(past: "-->")
            } else if take("<![CDATA[") {
                text += try taken(until: "]]>")
            } else if take("<?") {
                try skip(past: "?>")
            } else if starts("<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                try character(into: &text)
            }
        }
        _ = take("</")
        guard try name() == element.name else { throw Malformed() }
        skipBlanks()
        guard take(">") else { throw Malformed() }
        element.text = String(decoding: text, as: UTF8.self)
        return element
    }

    /// The byte order mark, blanks (servers send some to keep the connection alive), the declaration, comments.
    private mutating func skipMisc() throws {
        _ = take("\u{FEFF}")
        while true {
            skipBlanks()
            if take("<?") {
                try skip(past: "?>")
            } else if take("<!--") {
                try skip(past: "-->")
            } else {
                return
            }
        }
    }

    /// - Returns: whether the element is empty, `<a/>`.
    private mutating func skipAttributes() throws -> Bool {
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: ">"): return false
            case UInt8(ascii: "/"):
                guard take(">") else { throw Malformed() }
                return true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let end = bytes.firstIndex(of: byte) else { throw Malformed() }
                bytes = bytes[(end + 1)...]
            case UInt8(ascii: "<"): throw Malformed()
            default: break
            }
        }
        throw Malformed()
    }

    private mutating func character(into text: inout [UInt8]) throws {
        guard let byte = bytes.popFirst() else { throw Malformed() }
        guard byte == UInt8(ascii: "&") else { return text.append(byte) }
        let reference = String(decoding: try taken(until: ";", limit: 10), as: UTF8.self)
        if let named = Self.entities[reference] { return text.append(named) }
        let isHex = reference.hasPrefix("#x")
        guard reference.hasPrefix("#"), let code = UInt32(reference.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
            let scalar = Unicode.Scalar(code)
        else { throw Malformed() }
        text += Array(String(scalar).utf8)
    }

    private mutating func name() throws -> String {
        let end = bytes.firstIndex { " \t\r\n/>".utf8.contains($0) } ?? bytes.endIndex
        let name = String(decoding: bytes[..<end], as: UTF8.self)
        bytes = bytes[end...]
        let local = name.split(separator: ":").last.map(String.init) ?? ""
        guard !local.isEmpty, local.utf8.count <= 64, local.utf8.allSatisfy(Self.isNameByte) else { throw Malformed() }
        return local
    }

    private mutating func taken(until end: String, limit: Int = .max) throws -> ArraySlice<UInt8> {
        let mark = Array(end.utf8)
        var index = bytes.startIndex
        while index + mark.count <= bytes.endIndex, index - bytes.startIndex <= limit {
            if bytes[index] == mark[0], bytes[index..<(index + mark.count)].elementsEqual(mark) {
                defer { bytes = bytes[(index + mark.count)...] }
                return bytes[..<index]
            }
            index += 1
        }
        throw Malformed()
    }

    private mutating func skip(past end: String) throws { _ = try taken(until: end) }

    private mutating func skipBlanks() { bytes = bytes.drop { " \t\r\n".utf8.contains($0) } }

    private func starts(_ text: String) -> Bool { bytes.starts(with: text.utf8) }

    private mutating func take(_ text: String) -> Bool {
        guard starts(text) else { return false }
        bytes = bytes.dropFirst(text.utf8.count)
        return true
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte >= 128 || (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte)
            || "_-.".utf8.contains(byte)
    }

    private static let entities: [String: UInt8] = [
        "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "quot": UInt8(ascii: "\""),
        "apos": UInt8(ascii: "'"),
    ]
}
