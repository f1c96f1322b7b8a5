import Core

/// The rules of accounts. Needs nothing but a database, so that commands can use it beside a running server.
public struct AccountService: Sendable {
    let database: any Database
    let passwords: PasswordHasher
    let clock: any WallClock
    private let users = UserStore()
    private let grants = GrantStore()

    public init(
        database: any Database, settings: AccountSettings = AccountSettings(),
        clock: any WallClock = SystemWallClock()
    ) {
        self.database = database
        self.passwords = PasswordHasher(cost: settings.passwordCost)
        self.clock = clock
    }

    /// Whether anybody has an account.
    /// - Throws: `DatabaseError`.
    public func hasUsers() async throws -> Bool {
        try await database.read { [users] in try !users.isEmpty(in: $0) }
    }

    /// Makes an account.
    /// - Throws: `Problem` 422 for a value that breaks a rule, 409 `email_taken` or `username_taken`, 503 `busy`.
    public func createUser(email: String, username: String, password: String, role: Role) async throws -> User {
        let now = clock.now()
        let user = User(
            id: UserID(at: now), email: try AccountRules.email(email), username: try AccountRules.username(username),
            role: role, createdAt: now)
        let hash = try await passwords.hash(try AccountRules.password(password))
        do {
            try await database.write { [users] transaction in
                if try users.exists(email: user.email, in: transaction) { throw Problem.emailTaken }
                if try users.exists(username: user.username, in: transaction) { throw Problem.usernameTaken }
                try users.insert(user, passwordHash: hash, in: transaction)
            }
        } catch DatabaseError.duplicate(let constraint) {
            // Somebody else was faster between the look and the insertion.
            throw constraint.contains("username") ? Problem.usernameTaken : Problem.emailTaken
        }
        return user
    }

    /// Makes an API key for an account, on an operator's word.
    /// - Parameter user: the account's email address or username.
    /// - Throws: `Problem` 404 when there is no such account, 422 without a scope.
    public func createKey(user login: String, scopes: Set<Scope>, name: String) async throws -> NewAPIKey {
        guard !scopes.isEmpty else { throw Problem.invalid("/scopes", "scopes must have at least one.") }
        let now = clock.now()
        return try await database.write { [users, grants] transaction in
            guard let found = try users.find(login, in: transaction) else { throw Problem.notFound("user") }
            return try grants.insertKey(
                owner: found.user.id, scopes: scopes, name: name, expiresAt: nil, at: now, in: transaction)
        }
    }

    /// The account of that email address or username.
    /// - Throws: `DatabaseError`.
    public func user(named login: String) async throws -> User? { try await find(login)?.user }

    /// The account with that id.
    /// - Throws: `DatabaseError`.
    public func user(_ id: UserID) async throws -> User? {
        try await database.read { [users] in try users.user(id, in: $0) }
    }

    /// The account that an email address or username names, with its password's hash.
    func find(_ login: String) async throws -> (user: User, passwordHash: String)? {
        try await database.read { [users] in try users.find(login, in: $0) }
    }
}

extension GrantStore {
    /// Makes a key's secret and keeps its hash.
    func insertKey(
        owner: UserID, scopes: Set<Scope>, name: String, expiresAt: Timestamp?, at now: Timestamp,
        in transaction: any Transaction
    ) throws -> NewAPIKey {
        let grant = Grant(
            id: GrantID(at: now), kind: .key, userID: owner, scopes: scopes,
            name: AccountRules.name(name, or: "Key"), createdAt: now, expiresAt: expiresAt)
        let token = OpaqueToken(.key, id: grant.id, secret: RandomToken.secret())
        try insert(grant, secretHash: SecretHash.of(token.secret), in: transaction)
        return NewAPIKey(grant: grant, key: token.text)
    }
}

extension Problem {
    static let emailTaken = Problem.conflict("email_taken", "An account with this email address exists.")
    static let usernameTaken = Problem.conflict("username_taken", "An account with this username exists.")
}
