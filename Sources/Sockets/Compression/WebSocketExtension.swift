/// One extension with its parameters, as offered or accepted in `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).
struct WebSocketExtension: Equatable {
    struct Parameter: Equatable {
        var name: String
        /// Without its quotes.
        var value: String?
    }

    var name: String
    var parameters: [Parameter] = []

    /// Bytes of all fields together.
    private static let maxBytes = 4096

    /// Reads all fields of that name, in the order of the client's preference; `nil` when they are malformed or too long.
    static func list(_ fields: [String]) -> [WebSocketExtension]? {
        guard fields.reduce(0, { $0 + $1.utf8.count }) <= maxBytes else { return nil }
        var extensions: [WebSocketExtension] = []
        for field in fields {
            var scanner = Scanner(rest: field.utf8[...])
            repeat {
                scanner.skipSpace()
                // Empty elements of a list are to be ignored (RFC 9110 section 5.6.1).
                if scanner.isAtEnd || scanner.peek == UInt8(ascii: ",") { continue }
                guard let next = scanner.element() else { return nil }
                extensions.append(next)
            } while scanner.take(",")
            guard scanner.isAtEnd else { return nil }
        }
        return extensions
    }
}

/// Reads tokens and quoted strings (RFC 9110 section 5.6).
private struct Scanner {
    var rest: Substring.UTF8View

    var isAtEnd: Bool { rest.isEmpty }
    var peek: UInt8? { rest.first }

    mutating func skipSpace() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func element() -> WebSocketExtension? {
        guard let name = token() else { return nil }
        var element = WebSocketExtension(name: name)
        while take(";") {
            guard let parameter = parameter() else { return nil }
            element.parameters.append(parameter)
        }
        skipSpace()
        return element
    }

    private mutating func parameter() -> WebSocketExtension.Parameter? {
        guard let name = token() else { return nil }
        guard take("=") else { return .init(name: name) }
        skipSpace()
        guard let value = peek == UInt8(ascii: "\"") ? quoted() : token() else { return nil }
        return .init(name: name, value: value)
    }

    private mutating func token() -> String? {
        skipSpace()
        let token = rest.prefix(while: Self.isTokenCharacter)
        rest = rest[token.endIndex...]
        return token.isEmpty ? nil : String(Substring(token))
    }

    /// What the quotes hold has to be a token too (RFC 6455 section 9.1).
    private mutating func quoted() -> String? {
        rest.removeFirst()
        var value: [UInt8] = []
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return value.isEmpty ? nil : String(decoding: value, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { return nil }
                byte = escaped
            }
            guard Self.isTokenCharacter(byte) else { return nil }
            value.append(byte)
        }
        return nil
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
