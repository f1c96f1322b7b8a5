import Core

/// Registration, sign-in and the devices that are signed in.
struct SignInService: Sendable {
    let accounts: AccountService
    let settings: AccountSettings
    let tokens: AccessTokens
    let limits: AttemptLimits
    let guesses: SignInLimits
    let revocations: Revocations
    let devices = DeviceStore()

    private var database: any Database { accounts.database }
    private var clock: any WallClock { accounts.clock }

    /// Makes an account and signs its first device in.
    /// - Parameter address: the client's, for the rate limit.
    /// - Throws: `Problem` 403 `registration_closed`, 409, 422, 429, 503.
    func register(
        email: String, username: String, password: String, deviceName: String?, address: String
    ) async throws -> SignIn {
        guard case .open(let role) = settings.registration else { throw Problem.registrationClosed }
        try await limits.attempt("register:\(address)")
        let user = try await accounts.createUser(email: email, username: username, password: password, role: role)
        guesses.remember(user.id.description, from: address)
        return try await signIn(user, deviceName)
    }

    /// Signs a device in.
    /// - Parameter login: an email address or a username.
    /// - Throws: `Problem` 401 `wrong_credentials`, 429, 503.
    func login(_ login: String, password: String, deviceName: String?, address: String) async throws -> SignIn {
        try await guesses.attempt(from: address)
        let found = try await accounts.find(login)
        let account = found?.user.id.description ?? login.lowercased()
        try await guesses.attempt(at: account, as: login, from: address)
        guard try await accounts.passwords.verify(password, against: found?.passwordHash), let found else {
            throw Problem.wrongCredentials
        }
        await guesses.succeed(at: account, as: login, from: address)
        return try await signIn(found.user, deviceName)
    }

    /// The devices of an account that are signed in, the latest used first.
    func list(of user: UserID) async throws -> [Device] {
        let now = clock.now()
        return try await database.read { [devices, settings] in
            try devices.list(of: user, at: now, limit: settings.devicesPerUser, in: $0)
        }
    }

    /// Signs a device out; its access token stops within a second or two everywhere, here at once.
    /// - Throws: `Problem` 404 when the account has no such device.
    func revoke(_ device: DeviceID, of user: UserID) async throws {
        try await database.write { transaction in
            guard try revoke(device, of: user, in: transaction) else { throw Problem.notFound("device") }
        }
    }

    /// Signs a device out; one that is out already stays so.
    func logout(_ device: DeviceID, of user: UserID) async throws {
        _ = try await database.write { try revoke(device, of: user, in: $0) }
    }

    /// - Returns: whether it was signed in.
    func revoke(_ device: DeviceID, of user: UserID, in transaction: any Transaction) throws -> Bool {
        let now = clock.now()
        guard try devices.revoke(device, of: user, at: now, in: transaction) else { return false }
        transaction.afterCommit { [revocations] in revocations.add([.init(device: device, revokedAt: now)]) }
        return true
    }

    /// The current moment and the moment at which a device used now expires.
    func period() -> (now: Timestamp, expiresAt: Timestamp) {
        let now = clock.now()
        return (now, now + settings.refreshTokenLifetime)
    }

    private func signIn(_ user: User, _ deviceName: String?) async throws -> SignIn {
        let (now, expiresAt) = period()
        let device = Device(
            id: DeviceID(at: now), userID: user.id, name: AccountRules.name(deviceName, or: "Unnamed device"),
            createdAt: now, lastUsedAt: now, expiresAt: expiresAt)
        let secret = RefreshSecret()
        try await database.write { transaction in
            // Those beyond the limit go before the new one comes.
            let known = try devices.list(of: user.id, at: now, limit: 1000, in: transaction)
            for old in known.dropFirst(settings.devicesPerUser - 1) {
                _ = try revoke(old.id, of: user.id, in: transaction)
            }
            try devices.insert(device, secret, in: transaction)
        }
        return try await answer(user, device.id, secret)
    }

    func answer(_ user: User, _ device: DeviceID, _ secret: RefreshSecret) async throws -> SignIn {
        SignIn(
            user: user, deviceID: device, accessToken: try await tokens.issue(for: user, device: device),
            refreshToken: OpaqueToken(.refresh, id: device, secret: secret.text).text, lifetime: tokens.lifetime)
    }
}

extension Problem {
    /// 401: which of the two is wrong is not said.
    static let wrongCredentials = Problem.unauthorized("The account or the password is wrong.", code: "wrong_credentials")
    /// 403: accounts are made by the operator.
    static let registrationClosed = Problem.forbidden("Registration is closed.", code: "registration_closed")
    /// 401: the family is gone.
    static let tokenReused = Problem.unauthorized(
        "The refresh token was used before; this device is signed out.", code: "token_reused")
}
