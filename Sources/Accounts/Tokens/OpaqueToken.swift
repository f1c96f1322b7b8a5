import Core

/// A token that means something only to the database: `<kind>.<row id>.<secret>`.
struct OpaqueToken<Subject>: Sendable {
    let kind: OpaqueTokenKind
    let id: Identifier<Subject>
    let secret: String

    init(_ kind: OpaqueTokenKind, id: Identifier<Subject>, secret: String) {
        self.kind = kind
        self.id = id
        self.secret = secret
    }

    /// Parses a token of that kind; `nil` for any other text.
    init?(_ text: String, kind: OpaqueTokenKind) {
        guard text.utf8.count <= 200 else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == kind.rawValue, let id = Identifier<Subject>(parts[1]), !parts[2].isEmpty else {
            return nil
        }
        self.init(kind, id: id, secret: parts[2])
    }

    var text: Secret { Secret("\(kind.rawValue).\(id).\(secret)") }
}

/// The first word of a token says what it is.
enum OpaqueTokenKind: String, Sendable {
    case refresh = "lr1"
    case key = "lk1"
}

/// The secret of a refresh token: a part that the whole family shares, and one that is new at each use.
///
/// Who shows the family's part with any other second part shows a spent token, however old, without us keeping them all;
/// and who guesses a device's id knows neither, and can revoke nothing.
struct RefreshSecret: Sendable {
    let family: String
    let current: String

    private static let familyBytes = 16
    private static let familyLength = 22
    private static let length = 65

    /// The secret of a new family.
    init() {
        self.init(family: RandomToken.secret(bytes: Self.familyBytes))
    }

    private init(family: String) {
        self.family = family
        self.current = RandomToken.secret(bytes: 32)
    }

    init?(_ text: String) {
        guard text.utf8.count == Self.length, text.unicodeScalars.allSatisfy(\.isASCII) else { return nil }
        self.family = String(text.prefix(Self.familyLength))
        self.current = String(text.dropFirst(Self.familyLength))
    }

    var text: String { family + current }

    /// The next one of the same family.
    func rotated() -> RefreshSecret { RefreshSecret(family: family) }
}
