/// Makes a client's name for a file harmless: it is shown and offered for saving, never used as a path here.
public enum SafeFileName {
    /// Bytes of UTF-8, what common file systems allow.
    public static let maxLength = 255

    /// The last path component without control or direction characters, shortened before its extension.
    /// - Parameters:
    ///   - fallback: what is called so that nothing visible is left.
    ///   - maxLength: bytes of UTF-8, 32 or more.
    public static func clean(_ text: String, or fallback: String = "upload", maxLength: Int = maxLength) -> String {
        let last = text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let scalars = last.unicodeScalars.filter { !isUnwanted($0) }
        let name = String(String.UnicodeScalarView(scalars)).trimmed
        guard name.unicodeScalars.contains(where: isVisible) else { return fallback }
        return shortened(isDevice(name) ? "_" + name : name, to: maxLength, or: fallback)
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

    private static func shortened(_ name: String, to maxLength: Int, or fallback: String) -> String {
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
        return stem.isEmpty ? fallback + ending : (stem + ending).trimmed
    }
}

extension String {
    /// Without blanks around it, and without the dots at the end that some file systems drop by themselves.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop { $0.isWhitespace || $0 == "." }.reversed())
    }
}
