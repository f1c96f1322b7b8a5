/// Gives the files of an archive names that every system can save, each of them once.
///
/// A name depends on those before it and on nothing behind: files that are added at the end rename none.
public struct ArchiveNames: Sendable {
    /// Bytes of UTF-8 of a name before it is numbered: what any file system takes, with room for the number.
    static let maxLength = 200
    private static let fallback = "file"

    /// The last number that was given to names that are told apart by it; of what is in use, at least 1.
    private var numbers: [String: Int] = [:]

    /// No names.
    public init() {}

    /// The next file's name: as wanted where that is possible, else with ` (2)` and so on before its extension.
    public mutating func add(_ wanted: String) -> String {
        let name = Self.safe(wanted)
        let key = Self.key(name)
        guard var number = numbers[key] else {
            numbers[key] = 1
            return name
        }
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        while true {
            number += 1
            let other = "\(name[..<dot]) (\(number))\(name[dot...])"
            let otherKey = Self.key(other)
            if numbers[otherKey] == nil {
                numbers[key] = number
                numbers[otherKey] = 1
                return other
            }
        }
    }

    /// One path component without what Windows refuses; nothing that leads elsewhere.
    static func safe(_ wanted: String) -> String {
        // As cameras name files: nothing is to be done. What Windows takes for a device has four letters at most.
        let (first, last) = (wanted.utf8.first, wanted.utf8.last)
        if (9...maxLength).contains(wanted.utf8.count), first != 0x2E, last != 0x2E, wanted.utf8.allSatisfy(isPlain),
            !wanted.utf8.prefix(5).contains(0x2E)
        {
            return wanted
        }
        let text = String(String.UnicodeScalarView(wanted.unicodeScalars.map { refused.contains($0) ? "_" : $0 }))
        return SafeFileName.clean(text, or: fallback, maxLength: maxLength)
    }

    private static let refused = Set<Unicode.Scalar>("<>:\"|?*".unicodeScalars)

    /// Letters, digits and what stands in cameras' names.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2D
            || byte == 0x2E
    }

    /// What is the same for names that some system takes for one: they differ in case, or in how accents are composed, which
    /// is no difference to `String`.
    private static func key(_ name: String) -> String {
        name.utf8.allSatisfy { $0 < 0x80 } ? name.lowercased() : name.uppercased().lowercased()
    }
}
