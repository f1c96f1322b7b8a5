import Core

/// Text that a decoder took from a stranger's file, on its way to people and programs.
enum DecoderText {
    /// Characters of a text that are kept.
    static let limit = 512

    /// The text on one line and not too long; `nil` when nothing readable is left.
    static func cleaned(_ text: String, limit: Int = limit) -> String? {
        let readable = text.unicodeScalars.filter { !unreadable.contains($0.properties.generalCategory) }.prefix(limit)
        return readable.isEmpty ? nil : String(String.UnicodeScalarView(readable))
    }

    /// The time when it is one: RFC 3339, or without a zone.
    static func time(_ text: String?) -> String? {
        // Foundation's parser stops where it has enough.
        let shape = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?/
        guard let text, let match = text.wholeMatch(of: shape) else { return nil }
        return Timestamp(match.1 == nil ? text + "Z" : text) == nil ? nil : text
    }

    /// Whether this is a short name as codecs have them.
    static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || [45, 46, 95].contains(byte)
        }
    }

    private static let unreadable: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
}
