import Core

/// What an operator may decide about accounts.
public struct AccountSettings: Sendable, Equatable {
    /// Who may make an account.
    public enum Registration: Sendable, Equatable {
        /// Anybody, with that role.
        case open(Role)
        /// Nobody but an operator, by command.
        case closed
    }

    public var registration: Registration = .open(.photographer)
    /// The scrypt cost as a power of two: 17 takes 128 MiB and some tenths of a second per password.
    public var passwordCost = PasswordHash.standardCost
    /// How long an access token holds; what a revocation in another process can be late by is not this but a second.
    public var accessTokenLifetime: Duration = .seconds(15 * 60)
    /// How long a device stays signed in without being used.
    public var refreshTokenLifetime: Duration = .seconds(60 * 86_400)
    /// Devices of one account; a further sign-in signs out the one unused for longest.
    public var devicesPerUser = 50
    /// Keys of one account that are not revoked.
    public var keysPerUser = 100
    /// Attempts by kind, see `AttemptLimits`.
    public var attempts = AttemptLimits.Rules()

    public init() {}
}
