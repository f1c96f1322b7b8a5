/// A value of a structured field (RFC 9651), without its parameters: none of the fields read here gives them a meaning.
enum StructuredField: Sendable, Equatable {
    /// At most 15 digits.
    case integer(Int64)
    case decimal(Double)
    case string(String)
    case token(String)
    case bytes([UInt8])
    case boolean(Bool)
    /// Seconds since 1970.
    case date(Int64)
    case displayString(String)
    case innerList([StructuredField])

    /// Reads a field that is an item (section 4.2, `sf-item`).
    /// - Returns: `nil` for anything else, which makes the whole field one to be ignored.
    static func item(_ text: String) -> StructuredField? {
        var parser = StructuredFieldParser(text)
        guard let item = parser.item(), parser.isAtEnd else { return nil }
        return item
    }

    /// Reads a field that is a dictionary (section 4.2.2); of a repeated key the last value counts.
    /// - Returns: `nil` for anything else.
    static func dictionary(_ text: String) -> [String: StructuredField]? {
        var parser = StructuredFieldParser(text)
        guard let members = parser.dictionary(), parser.isAtEnd else { return nil }
        return members
    }

    /// A field that counts something: an integer that is not negative.
    static func count(_ text: String?) -> Int64? {
        guard let text, case .integer(let number) = item(text), number >= 0 else { return nil }
        return number
    }

    /// A field that is true or false.
    static func boolean(_ text: String?) -> Bool? {
        guard let text, case .boolean(let value) = item(text) else { return nil }
        return value
    }

    /// Writes a boolean item (section 4.1.9).
    static func text(_ value: Bool) -> String { value ? "?1" : "?0" }
}
