/// Checks what is reacted with.
public enum Emoji {
    /// Bytes in UTF-8: families and flags are long, stacks of accents are longer.
    public static let maxBytes = 64

    /// - Throws: `Problem` 422 for anything but one emoji.
    public static func checked(_ text: String) throws -> String {
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
