import Foundation

/// What people write for people to read.
public enum PlainText {
    /// The text without blanks at its ends.
    /// - Parameters:
    ///   - length: in Unicode scalars.
    ///   - field: where it stands in the body, as a JSON pointer.
    ///   - what: begins the sentence that says what is wrong, e.g. `A message`.
    /// - Throws: `Problem` 422 when it is too short or too long, or has control characters other than line feeds.
    public static func checked(_ text: String, length: ClosedRange<Int>, at field: String, called what: String) throws -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard length.contains(text.unicodeScalars.count) else {
            throw Problem.invalid(field, "\(what) has \(length.lowerBound) to \(length.upperBound) characters.")
        }
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || $0.properties.generalCategory != .control }) else {
            throw Problem.invalid(field, "\(what) has no control characters but line feeds.")
        }
        return text
    }
}
