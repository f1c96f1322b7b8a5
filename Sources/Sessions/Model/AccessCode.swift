import Core

/// The word that lets guests into a session.
enum AccessCode {
    static let length = 4...64
    static let schema = Schema.string(length)

    /// The form in which codes are compared and kept unique: upper case.
    /// - Throws: `Problem` 422 for characters that cannot stand in a URL path as they are.
    static func key(_ code: String) throws -> String {
        let key = code.uppercased()
        // Upper-casing may turn letters of other alphabets into ASCII.
        guard code.utf8.allSatisfy({ $0 < 128 }), length.contains(key.utf8.count), key.utf8.allSatisfy(isAllowed) else {
            throw Problem.invalid("/accessCode", "accessCode must be 4 to 64 letters, digits, dashes or underscores.")
        }
        return key
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
