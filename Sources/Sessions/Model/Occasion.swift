public import Core
import Foundation

/// When and where a shoot is, of what kind, and what it is shown by.
public struct Occasion: Codable, Sendable, Equatable {
    public var type = Kind.event
    public var place: String?
    public var startsAt: Timestamp?
    public var endsAt: Timestamp?
    /// The name in the IANA database that its times are meant in.
    public var timeZone: String?
    /// A short language tag (BCP 47), as `LanguageTag` writes it.
    public var language: String?
    /// The photo that somebody has chosen to show it by.
    public var coverID: PhotoID?

    public init() {}

    /// What kind of shoot it is.
    public enum Kind: String, Sendable, Codable, CaseIterable, SQLConvertible {
        case wedding, event, portrait, commercial, travel, other
        /// None: a party where a film is watched. It is made and removed as such, and lists show it only to who asks for it.
        case party

        static let schema = Schema.oneOf(allCases.map(\.rawValue))
        /// What can be chosen.
        static let chosen = Schema.oneOf(allCases.filter { $0 != .party }.map(\.rawValue))
    }

    /// Whose days and hours they are, and what cameras show: UTC unless it is known.
    var zone: TimeZone { timeZone.flatMap { TimeZone(identifier: $0) } ?? .gmt }

    static let placeLength = 1...200
    static let zoneLength = 1...64
    static let languageLength = 2...12

    /// - Throws: `Problem` 422 for times that cannot be, and names of nothing.
    func check() throws {
        if let timeZone, !Self.isZone(timeZone) {
            throw Problem.invalid("/timeZone", "timeZone must be a name of the IANA database such as Europe/Berlin.")
        }
        if timeZone == nil, startsAt != nil || endsAt != nil {
            throw Problem.invalid("/timeZone", "timeZone must be given with startsAt or endsAt.")
        }
        if let startsAt, let endsAt, endsAt < startsAt { throw Problem.invalid("/endsAt", "endsAt must not be before startsAt.") }
        if let language, LanguageTag(language)?.text != language {
            throw Problem.invalid("/language", "language must be a short tag such as en, de-CH or zh-Hant-TW.")
        }
    }

    /// Only names of places and of UTC: an offset says nothing of daylight saving.
    private static func isZone(_ name: String) -> Bool {
        guard name.utf8.allSatisfy({ $0 < 128 }), name.contains("/") || name == "UTC" else { return false }
        return TimeZone(identifier: name) != nil
    }
}

/// A language with its script and region (BCP 47, RFC 5646 section 2.1): no variants, extensions or private parts.
struct LanguageTag: Equatable {
    /// In the letters of section 2.1.1, e.g. `zh-Hant-TW`.
    let text: String

    /// - Returns: `nil` for anything else.
    init?(_ tag: String) {
        var parts = tag.split(separator: "-", omittingEmptySubsequences: false).map(String.init)[...]
        guard tag.utf8.allSatisfy({ $0 < 128 }), let language = parts.popFirst(), (2...3).contains(language.count),
            language.allSatisfy(\.isLetter)
        else { return nil }
        var canonical = [language.lowercased()]
        if let script = parts.first, script.count == 4, script.allSatisfy(\.isLetter) {
            canonical.append(script.prefix(1).uppercased() + script.dropFirst().lowercased())
            parts.removeFirst()
        }
        if let region = parts.first, Self.isRegion(region) {
            canonical.append(region.uppercased())
            parts.removeFirst()
        }
        guard parts.isEmpty else { return nil }
        text = canonical.joined(separator: "-")
    }

    private static func isRegion(_ part: String) -> Bool {
        part.count == 2 && part.allSatisfy(\.isLetter) || part.count == 3 && part.allSatisfy(\.isNumber)
    }
}
