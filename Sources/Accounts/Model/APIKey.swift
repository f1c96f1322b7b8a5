import Core

/// An API key as its owner sees it later: without the secret.
struct APIKey: Sendable, Equatable {
    var grant: Grant
    /// To the minute.
    var lastUsedAt: Timestamp?
}

/// A key just made: the only moment its text exists.
public struct NewAPIKey: Sendable {
    public let grant: Grant
    /// Sent as `Authorization: Bearer lk1.…`.
    public let key: Secret

    public var id: GrantID { grant.id }
}
