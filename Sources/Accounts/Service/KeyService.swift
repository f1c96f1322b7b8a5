import Core

/// API keys: made, listed and revoked by the account they belong to.
struct KeyService: Sendable {
    let database: any Database
    let settings: AccountSettings
    let revocations: Revocations
    let clock: any WallClock
    private let store = GrantStore()

    init(database: any Database, settings: AccountSettings, revocations: Revocations, clock: any WallClock) {
        self.database = database
        self.settings = settings
        self.revocations = revocations
        self.clock = clock
    }

    /// Makes a key.
    /// - Throws: `Problem` 409 `too_many_keys`, 422.
    func create(_ name: String, scopes: Set<Scope>, expiresAt: Timestamp?, owner: UserID) async throws -> NewAPIKey {
        let now = clock.now()
        guard !scopes.isEmpty else { throw Problem.invalid("/scopes", "scopes must have at least one.") }
        if let expiresAt, expiresAt <= now { throw Problem.invalid("/expiresAt", "expiresAt must lie ahead.") }
        return try await database.write { [store, settings] transaction in
            guard try store.keyCount(of: owner, at: now, in: transaction) < settings.keysPerUser else {
                throw Problem.conflict("too_many_keys", "An account has at most \(settings.keysPerUser) keys.")
            }
            return try store.insertKey(
                owner: owner, scopes: scopes, name: name, expiresAt: expiresAt, at: now, in: transaction)
        }
    }

    /// A page of an account's keys, the newest first.
    func list(of owner: UserID, after cursor: Cursor?, limit: Int) async throws -> [APIKey] {
        try await database.read { [store] in
            try store.keys(of: owner, after: cursor, limit: limit + 1, in: $0)
        }
    }

    /// - Throws: `Problem` 404 when the account has no such key.
    func revoke(_ id: GrantID, of owner: UserID) async throws {
        let now = clock.now()
        try await database.write { [store, revocations] transaction in
            let stored = try store.key(id, in: transaction)
            guard let stored, try store.revokeKey(id, of: owner, at: now, in: transaction) else {
                throw Problem.notFound("key")
            }
            transaction.afterCommit {
                revocations.add([.init(grant: id, expiresAt: stored.grant.expiresAt, revokedAt: now)])
            }
        }
    }
}
