import Core

/// An account.
public struct User: Sendable, Equatable {
    public var id: UserID
    /// Lower case; unique.
    public var email: String
    /// As its owner writes it; unique without regard to case.
    public var username: String
    public var role: Role
    public var createdAt: Timestamp

    public init(id: UserID, email: String, username: String, role: Role, createdAt: Timestamp) {
        self.id = id
        self.email = email
        self.username = username
        self.role = role
        self.createdAt = createdAt
    }
}
