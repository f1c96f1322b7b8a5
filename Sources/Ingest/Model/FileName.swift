/// Makes a client's name for a file harmless: it is shown and offered for saving, never used as a path here.
enum FileName {
    /// Bytes of UTF-8, what common file systems allow.
    static let maxLength = 255
    static let fallback = "upload"

    /// The last path component without control or direction characters, shortened before its extension.
    static func clean(_ text: String) -> String {
        let last = text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let scalars = last.unicodeScalars.filter { !isUnwanted($0) }
        let name = String(String.UnicodeScalarView(scalars)).trimmed
        guard name.unicodeScalars.contains(where: isVisible) else { return fallback }
        return shortened(isDevice(name) ? "_" + name : name)
    }

    /// Joiners hold others together, but are nothing alone; dots alone are folders.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool { scalar != "." && !isJoiner(scalar) }

    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0x200C || scalar.value == 0x200D }

    /// What Windows takes for a device whatever its extension, where a guest may save the file.
    private static func isDevice(_ name: String) -> Bool {
        let stem = name.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL"].contains(stem) { return true }
        return stem.count == 4 && ["COM", "LPT"].contains(String(stem.prefix(3))) && stem.last!.isNumber
    }

    private static func isUnwanted(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
            // Emoji and some scripts need them.
            !isJoiner(scalar)
        default: scalar == "/" || scalar == "\\"
        }
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maxLength else { return name }
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let ending = name[dot...].utf8.count <= 16 ? String(name[dot...]) : ""
        var stem = ""
        var room = maxLength - ending.utf8.count
        for character in name[..<dot] {
            room -= character.utf8.count
            if room < 0 { break }
            stem.append(character)
        }
        return stem.isEmpty ? fallback + ending : stem + ending
    }
}

extension String {
    /// Without blanks around it, and without the dots at the end that some file systems drop by themselves.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop { $0.isWhitespace || $0 == "." }.reversed())
    }
}

/// A declared media type: a hint that is passed on, so it only has to be well-formed.
enum MediaTypeName {
    static let fallback = "application/octet-stream"

    /// `type/subtype` in lower case without parameters; the fallback for anything else.
    static func clean(_ text: String) -> String {
        let name = text.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, name.utf8.count <= 127, parts.allSatisfy(isToken) else { return fallback }
        return name
    }

    private static func isToken(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "!#$&-^_.+".utf8.contains($0) }
    }
}
