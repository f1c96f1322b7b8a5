import Core
import Foundation

/// How names and passwords are written; what comes back is the form that is stored.
enum AccountRules {
    static let passwordLength = 8...200
    static let usernameLength = 3...32
    static let nameLength = 1...100

    /// - Throws: `Problem` 422.
    static func email(_ text: String) throws -> String {
        let email = text.trimmingCharacters(in: .whitespaces).lowercased()
        try Schema.formatted(.email).validate(.string(email), at: "/email")
        return email
    }

    /// Letters, digits, dot, dash and underscore of ASCII: nothing that looks like something else.
    /// - Throws: `Problem` 422.
    static func username(_ text: String) throws -> String {
        guard usernameLength.contains(text.utf8.count), text.utf8.allSatisfy(isUsernameByte) else {
            throw Problem.invalid("/username", "username must have 3 to 32 letters, digits, dots, dashes or underscores.")
        }
        return text
    }

    /// Composed (Unicode NFC), so that two keyboards that write an accent differently open the same account.
    /// - Throws: `Problem` 422.
    static func password(_ text: String) throws -> String {
        guard passwordLength.contains(text.unicodeScalars.count) else {
            throw Problem.invalid("/password", "password must have 8 to 200 characters.")
        }
        return composed(text)
    }

    static func composed(_ password: String) -> String { password.precomposedStringWithCanonicalMapping }

    /// A device's or key's name: one line, at most 100 characters; `fallback` when nothing is left of it.
    static func name(_ text: String?, or fallback: String) -> String {
        let printable = (text ?? "").unicodeScalars.filter { !CharacterSet.controlCharacters.contains($0) }
        let name = String(String.UnicodeScalarView(printable)).trimmingCharacters(in: .whitespaces)
        let cut = String(String.UnicodeScalarView(name.unicodeScalars.prefix(nameLength.upperBound)))
        return cut.isEmpty ? fallback : cut
    }

    private static func isUsernameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
