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
