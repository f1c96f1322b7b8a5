import Core

/// The devices' table.
struct DeviceStore: Sendable {
    /// A device with what proves that a refresh token is its own.
    struct Stored {
        let device: Device
        let familyHash: [UInt8]
        let secretHash: [UInt8]
        let spent: SpentToken?
    }

    private static let columns: SQL = """
        id, user_id, name, created_at, last_used_at, expires_at, revoked_at, family_hash, secret_hash,
        spent_hash, spent_good_until
        """

    func insert(_ device: Device, _ secret: RefreshSecret, in transaction: any Transaction) throws {
        try transaction.execute("""
            INSERT INTO devices (id, user_id, name, family_hash, secret_hash, created_at, last_used_at, expires_at)
            VALUES (\(device.id), \(device.userID), \(device.name), \(SecretHash.of(secret.family)),
                \(SecretHash.of(secret.current)), \(device.createdAt), \(device.lastUsedAt), \(device.expiresAt))
            """)
    }

    func find(_ id: DeviceID, in transaction: any Transaction) throws -> Stored? {
        try transaction.first("SELECT \(sql: Self.columns) FROM devices WHERE id = \(id)").map(Stored.init)
    }

    /// Those signed in, the latest used first.
    func list(of user: UserID, at now: Timestamp, limit: Int, in transaction: any Transaction) throws -> [Device] {
        try transaction.query("""
            SELECT \(sql: Self.columns) FROM devices
            WHERE user_id = \(user) AND revoked_at IS NULL AND expires_at > \(now)
            ORDER BY last_used_at DESC, id DESC LIMIT \(limit)
            """)
            .map { try Stored($0).device }
    }

    /// Replaces the secret, but only if it is still the expected one; `spent` is what it was given for.
    /// - Returns: whether it was.
    func rotate(
        _ device: Device, from old: [UInt8], to new: RefreshSecret, _ spent: SpentToken, in transaction: any Transaction
    ) throws -> Bool {
        try transaction.execute("""
            UPDATE devices
            SET secret_hash = \(SecretHash.of(new.current)), spent_hash = \(spent.hash), spent_good_until = \(spent.goodUntil),
                last_used_at = \(device.lastUsedAt), expires_at = \(device.expiresAt)
            WHERE id = \(device.id) AND secret_hash = \(old) AND revoked_at IS NULL
            """) == 1
    }

    /// - Returns: whether it was signed in.
    func revoke(_ id: DeviceID, of user: UserID, at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        try transaction.execute("""
            UPDATE devices SET revoked_at = \(now) WHERE id = \(id) AND user_id = \(user) AND revoked_at IS NULL
            """) == 1
    }
}

extension DeviceStore.Stored {
    fileprivate init(_ row: Row) throws {
        let spent: SpentToken? = try row.optional("spent_hash").map {
            SpentToken(hash: $0, goodUntil: try row.get("spent_good_until"))
        }
        self.init(
            device: Device(
                id: try row.get("id"), userID: try row.get("user_id"), name: try row.get("name"),
                createdAt: try row.get("created_at"), lastUsedAt: try row.get("last_used_at"),
                expiresAt: try row.get("expires_at"), revokedAt: try row.optional("revoked_at")),
            familyHash: try row.get("family_hash"), secretHash: try row.get("secret_hash"), spent: spent)
    }
}
