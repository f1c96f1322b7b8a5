import Core

/// Checks what is said.
enum MessageText {
    /// The text without blanks at its ends.
    /// - Throws: `Problem` 422 when it is empty, too long, or has control characters other than line feeds.
    static func checked(_ text: String, at field: String = "/text") throws -> String {
        let text = try PlainText.checked(text, length: ChatRules.textLength, at: field, called: "A message")
        guard text.unicodeScalars.contains(where: \.isVisible) else {
            throw Problem.invalid(field, "There is nothing to see in the message.")
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether it leaves ink of its own, or is part of what does.
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .unassigned: false
        default: !properties.isDefaultIgnorableCodePoint
        }
    }
}

/// Checks what is reacted with.
enum Emoji {
    /// Bytes in UTF-8: families and flags are long, stacks of accents are longer.
    static let maxBytes = 64

    /// - Throws: `Problem` 422 for anything but one emoji.
    static func checked(_ text: String) throws -> String {
        guard text.utf8.count <= maxBytes, text.count == 1, isEmoji(text.unicodeScalars) else {
            throw Problem.invalid("/emoji", "A reaction is one emoji.")
        }
        return text
    }

    /// Digits and the like are emoji to Unicode too, but only with what makes a picture of them.
    private static func isEmoji(_ scalars: String.UnicodeScalarView) -> Bool {
        guard let first = scalars.first, first.properties.isEmoji else { return false }
        return first.value > 0x7F || scalars.contains("\u{FE0F}")
    }
}
