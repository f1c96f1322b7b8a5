/// Reads the text that cameras write: padded, of unknown encoding, sometimes garbage.
enum ExifText {
    /// Characters kept of a text, at most.
    static let limit = 200

    /// The readable text up to the first NUL; `nil` when there is none.
    /// - Parameter limit: characters kept, at most.
    static func clean(_ bytes: some Sequence<UInt8>, limit: Int = limit) -> String? {
        let bytes = Array(bytes.prefix { $0 != 0 }.prefix(4 * limit))
        return clean(String(validating: bytes, as: UTF8.self) ?? latin1(bytes), limit: limit)
    }

    /// The same for text that has been decoded.
    static func clean(_ text: String, limit: Int = limit) -> String? {
        let readable = String(String.UnicodeScalarView(text.unicodeScalars.filter { !isControl($0) }))
        let trimmed = String(readable.trimmed(of: [" "]).prefix(limit)).trimmed(of: [" "])
        return trimmed.isEmpty ? nil : trimmed
    }

    /// `2026:06:01 14:03:21` as RFC 3339 local time, with the fraction of a second and the offset when they are well-formed.
    /// - Parameter fraction: digits after the point.
    static func time(_ text: String?, fraction: String? = nil, offset: String?) -> String? {
        guard let text, let fields = digits(text, pattern: "dddd:dd:dd dd:dd:dd"),
            fields[0] > 0, (1...12).contains(fields[1]), (1...31).contains(fields[2]),
            fields[3] < 24, fields[4] < 60, fields[5] <= 60
        else { return nil }
        let date = text.prefix(10).split(separator: ":").joined(separator: "-")
        return date + "T" + text.suffix(8) + (decimals(fraction) ?? "") + (zone(offset) ?? "")
    }

    /// The digits with a point in front, without those that say nothing.
    private static func decimals(_ fraction: String?) -> String? {
        guard let fraction, fraction.utf8.count <= 9, fraction.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let digits = String(fraction.reversed().drop { $0 == "0" }.reversed())
        return digits.isEmpty ? nil : "." + digits
    }

    private static func zone(_ offset: String?) -> String? {
        guard let offset, let sign = offset.first, sign == "+" || sign == "-",
            let fields = digits(String(offset.dropFirst()), pattern: "dd:dd"), fields[0] < 24, fields[1] < 60
        else { return nil }
        return offset
    }

    /// The numbers in a text of exactly that shape, where `d` stands for a digit.
    private static func digits(_ text: String, pattern: String) -> [Int]? {
        guard text.utf8.count == pattern.utf8.count,
            zip(text.utf8, pattern.utf8).allSatisfy({ $1 == UInt8(ascii: "d") ? (48...57).contains($0) : $0 == $1 })
        else { return nil }
        return text.split { $0 == ":" || $0 == " " }.compactMap { Int($0) }
    }

    private static func latin1(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
