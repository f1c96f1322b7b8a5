import Core

/// A login: one refresh-token family.
struct Device: Sendable, Equatable {
    var id: DeviceID
    var userID: UserID
    /// What its owner knows it by, e.g. `Anna's phone`.
    var name: String
    var createdAt: Timestamp
    /// The last sign-in or refresh.
    var lastUsedAt: Timestamp
    /// Moves on at each refresh.
    var expiresAt: Timestamp
    var revokedAt: Timestamp?
}

/// What a device holds after signing in.
struct SignIn: Sendable {
    let user: User
    let deviceID: DeviceID
    let accessToken: Secret
    let refreshToken: Secret
    /// How long the access token holds.
    let lifetime: Duration
}
