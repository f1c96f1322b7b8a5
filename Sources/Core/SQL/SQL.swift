/// A statement whose interpolated values are bound, never spliced: `"SELECT * FROM photos WHERE id = \(id)"`.
///
/// Only another `SQL` can become part of the text (`\(sql: fragment)`), so a value cannot turn into a statement.
public struct SQL: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The text, cut at each bound value: one more piece than there are values.
    public private(set) var pieces: [String]
    /// The bound values, in the order of their placeholders.
    public private(set) var values: [SQLValue]

    /// A statement without values.
    public init(stringLiteral text: String) {
        self.pieces = [text]
        self.values = []
    }

    /// A statement with the values that were interpolated into its text.
    public init(stringInterpolation: Interpolation) {
        self.pieces = stringInterpolation.pieces
        self.values = stringInterpolation.values
    }

    /// The text with placeholders, e.g. `?` (SQLite) or `$1` (PostgreSQL).
    /// - Parameter placeholder: gives the placeholder of the value with that index, from 0.
    public func text(placeholder: (Int) -> String) -> String {
        var text = ""
        text.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count + 4 })
        for (index, piece) in pieces.enumerated() {
            if index > 0 { text += placeholder(index - 1) }
            text += piece
        }
        return text
    }

    /// Collects the text and binds what is interpolated into it.
    public struct Interpolation: StringInterpolationProtocol {
        var pieces: [String] = [""]
        var values: [SQLValue] = []

        /// An empty statement; the sizes are hints.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds text of the program's own.
        public mutating func appendLiteral(_ literal: String) { pieces[pieces.count - 1] += literal }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some SQLConvertible) { bind(value.sqlValue) }

        /// Binds a value or NULL.
        public mutating func appendInterpolation(_ value: (some SQLConvertible)?) { bind(value?.sqlValue ?? .null) }

        /// Binds a parenthesised list of values for `IN`; an empty list matches nothing.
        public mutating func appendInterpolation(list: [some SQLConvertible]) {
            appendLiteral("(")
            if list.isEmpty { appendLiteral("NULL") }
            for (index, value) in list.enumerated() {
                if index > 0 { appendLiteral(", ") }
                bind(value.sqlValue)
            }
            appendLiteral(")")
        }

        /// Splices another statement's text and values.
        public mutating func appendInterpolation(sql fragment: SQL) {
            pieces[pieces.count - 1] += fragment.pieces[0]
            pieces += fragment.pieces.dropFirst()
            values += fragment.values
        }

        private mutating func bind(_ value: SQLValue) {
            values.append(value)
            pieces.append("")
        }
    }
}
