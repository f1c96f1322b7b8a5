import Core

/// What an `Accept` header says of the media types that Lumiere can give (RFC 9110 section 12.5.1).
struct AcceptedTypes: Sendable, Equatable {
    /// How much a type is wanted.
    struct Rank: Sendable, Equatable {
        /// Thousandths; 0 for what is not acceptable.
        var quality: Int
        /// Whether it was named itself and not by a range that holds others.
        var isNamed: Bool
    }

    /// Members that are read of a header, at most: browsers send ten.
    private static let mostMembers = 64

    private var named: [MediaFormat: Int] = [:]
    private var images: Int?
    private var anything: Int?

    /// - Parameter header: without one, or without a member that can be read, everything is as welcome.
    init(_ header: String?) {
        var isEmpty = true
        for member in ListMembers((header ?? "")[...].utf8).prefix(Self.mostMembers) {
            guard let (type, quality) = Self.read(String(Substring(member)).lowercased()) else { continue }
            isEmpty = false
            switch type {
            case "*/*": anything = max(anything ?? 0, quality)
            case "image/*": images = max(images ?? 0, quality)
            default:
                if let format = MediaFormat.allCases.first(where: { $0.contentType == type }) {
                    named[format] = max(named[format] ?? 0, quality)
                }
            }
        }
        if isEmpty { anything = 1000 }
    }

    /// What a picture's format is worth: the most specific range decides, not the best.
    func rank(_ format: MediaFormat) -> Rank {
        if let quality = named[format] { return Rank(quality: quality, isNamed: true) }
        return Rank(quality: images ?? anything ?? 0, isNamed: false)
    }

    /// A media range and its weight; `nil` for what is malformed, and for a type with parameters, which is another.
    private static func read(_ member: String) -> (type: String, quality: Int)? {
        let parts = member.split(separator: ";", omittingEmptySubsequences: false).map { String(Substring($0.utf8.trimmed)) }
        guard parts.count > 1 else { return (parts[0], 1000) }
        guard parts[1].hasPrefix("q="), let quality = thousandths(parts[1].dropFirst(2)) else { return nil }
        return (parts[0], quality)
    }

    /// A weight (section 12.4.2): `0.8`, at most three digits after the point, and no more than 1.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard ["0", "1"].contains(parts[0]), fraction.utf8.count <= 3, fraction.utf8.allSatisfy({ (48...57).contains($0) }),
            let rest = Int(fraction + String(repeating: "0", count: 3 - fraction.utf8.count))
        else { return nil }
        let value = (parts[0] == "1" ? 1000 : 0) + rest
        return value <= 1000 ? value : nil
    }
}
