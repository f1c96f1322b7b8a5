import Core
import Logging
import WebServer

/// Accounts put together: what the composition root makes once and hands around.
public struct AccountsFeature: Sendable {
    /// Users and keys, also for commands.
    public let accounts: AccountService
    /// Who is asking, for the web server and the sockets.
    public let authenticator: TokenAuthenticator
    /// Signs and checks what opens media.
    public let grantChecker: GrantSigner
    /// Keeps the rows that let people in.
    public let grants: Grants
    /// Says who may follow the topic of an account.
    public let topics = OwnTopic()
    /// Hashes what guests have to know, on the same few threads as the passwords of accounts.
    public let passwords: any PasswordKeeper
    /// Encrypts by the signing keys.
    public let secrets: any SecretKeeper
    /// Limits guessing.
    public let attempts: AttemptLimits
    /// `await refresh()` before serving, then `run()` for as long as the process serves.
    public let revocations: RevocationFeed
    /// The HTTP API.
    public let routes: [Route]
    let signIns: SignInService
    let keys: KeyService

    /// - Parameter limiter: counts attempts; `nil` for this process alone.
    public init(
        database: any Database, signingKeys: SigningKeys, settings: AccountSettings = AccountSettings(),
        limiter: (any RateLimiter)? = nil, clock: any WallClock = SystemWallClock(), logger: Logger = Logger(label: "accounts")
    ) {
        let revoked = Revocations()
        let tokens = AccessTokens(keys: signingKeys, lifetime: settings.accessTokenLifetime, clock: clock)
        let accounts = AccountService(database: database, settings: settings, clock: clock)
        let attempts = AttemptLimits(settings.attempts, limiter: limiter ?? LocalRateLimiter(clock: clock))
        let signer = GrantSigner(keys: signingKeys, revocations: revoked, clock: clock)
        let door = KeyDoor(database: database, revocations: revoked, clock: clock, logger: logger)
        let signIns = SignInService(
            accounts: accounts, settings: settings, tokens: tokens, limits: attempts, guesses: SignInLimits(attempts),
            revocations: revoked)
        let keys = KeyService(database: database, settings: settings, revocations: revoked, clock: clock)
        self.accounts = accounts
        self.passwords = accounts.passwords
        self.secrets = KeyedSeal(keys: signingKeys)
        self.attempts = attempts
        self.grantChecker = signer
        self.grants = Grants(revocations: revoked, clock: clock)
        self.authenticator = TokenAuthenticator(tokens: tokens, keys: door, grants: signer, revocations: revoked)
        self.revocations = RevocationFeed(
            database: database, revocations: revoked, keys: signingKeys, clock: clock, logger: logger)
        self.signIns = signIns
        self.keys = keys
        self.routes = AccountRoutes(accounts: accounts, signIns: signIns).routes + KeyRoutes(keys: keys).routes
            + QuotaRoutes(accounts: accounts).routes
    }
}
