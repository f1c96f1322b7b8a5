/// Text on a terminal: names of files come from anywhere, and letters take one or two columns.
enum TerminalText {
    /// Without anything that would move the cursor or turn the direction of writing.
    static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmless($0) ? $0 : "?" }))
    }

    /// Columns that a text takes.
    static func width(_ text: String) -> Int { text.reduce(0) { $0 + width(of: $1) } }

    /// Cut to a number of columns, with a sign that it was.
    static func fit(_ text: String, _ columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var (cut, left) = ("", columns - 1)
        for character in text {
            left -= width(of: character)
            if left < 0 { break }
            cut.append(character)
        }
        return cut + "…"
    }

    /// Cut or filled to exactly a number of columns.
    static func pad(_ text: String, _ columns: Int) -> String {
        let cut = fit(text, columns)
        return cut + String(repeating: " ", count: max(0, columns - width(cut)))
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        // Joiners hold emoji and some scripts together.
        case .format: scalar.value == 0x200C || scalar.value == 0x200D
        default: true
        }
    }

    /// East Asian wide letters and emoji take two columns (Unicode Standard Annex 11, in broad strokes).
    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.properties.generalCategory == .nonspacingMark { return 0 }
        if scalar.properties.isEmojiPresentation || character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
    ]
}
