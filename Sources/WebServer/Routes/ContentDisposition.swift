import Foundation

/// `Content-Disposition` (RFC 6266) with a name in ASCII and, where that loses something, in UTF-8 (RFC 8187).
public enum ContentDisposition {
    /// Bytes of UTF-8 that a name has at most: file systems take 255, and browsers may add a number.
    public static let longestName = 200
    /// Bytes that an extension has at most, with its dot.
    private static let longestExtension = 16

    /// - Parameter filename: as a photographer's computer has it: anything at all.
    public static func text(_ filename: String, isAttachment: Bool) -> String {
        let name = name(filename)
        let kind = isAttachment ? "attachment" : "inline"
        let plain = String(String.UnicodeScalarView(name.unicodeScalars.map { isPlain($0) ? $0 : "_" }))
        if plain == name { return "\(kind); filename=\"\(plain)\"" }
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(encoded(name))"
    }

    /// What a file may be saved as: one name, not a path (RFC 6266 section 4.3), not hidden, and shown as it is.
    public static func name(_ filename: String) -> String {
        let safe = String(String.UnicodeScalarView(filename.unicodeScalars.map { isSafe($0) ? $0 : "_" }))
        let trimmed = safe.trimmingCharacters(in: .whitespaces)
        let hidden = trimmed.prefix { $0 == "." }
        let name = String(repeating: "_", count: hidden.count) + trimmed.dropFirst(hidden.count)
        return name.isEmpty ? "file" : shortened(name)
    }

    /// Cut before the extension, and not within what people take for a character unless that alone is too long.
    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > longestName else { return name }
        let dot = name.lastIndex(of: ".").flatMap { name[$0...].utf8.count <= longestExtension ? $0 : nil } ?? name.endIndex
        var room = longestName - name[dot...].utf8.count
        let stem = name[..<dot].prefix {
            room -= $0.utf8.count
            return room >= 0
        }
        if !stem.isEmpty { return String(stem + name[dot...]) }
        room = longestName - name[dot...].utf8.count
        let scalars = name[..<dot].unicodeScalars.prefix {
            room -= UTF8.width($0)
            return room >= 0
        }
        return String(scalars) + String(name[dot...])
    }

    /// Whether it separates nothing, commands nothing, and does not turn the direction of what comes after it, by which
    /// `gpj.exe` can be made to look like another kind of file.
    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "/", "\\", "\u{61C}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{FEFF}": false
        default: scalar.properties.generalCategory != .control && !scalar.properties.isNoncharacterCodePoint
        }
    }

    /// Whether every client takes it for itself in a quoted string: some decode `%` there.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        (32...126).contains(scalar.value) && scalar != "\"" && scalar != "\\" && scalar != "%"
    }

    /// Percent-encodes all but RFC 8187's attr-char.
    private static func encoded(_ filename: String) -> String {
        let kept = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~")
        return filename.addingPercentEncoding(withAllowedCharacters: kept) ?? "file"
    }
}
