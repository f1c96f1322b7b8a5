import Core

/// The SQL of what administrators give accounts in place of the house's quota.
struct AccountQuotaStore: Sendable {
    /// What is given; `unlimited` where that is the house's to say.
    func quota(of user: UserID, in transaction: any Transaction) throws -> UploadQuota {
        let row = try transaction.first("SELECT files, bytes FROM account_quotas WHERE user_id = \(user)")
        return UploadQuota(files: try row?.optional("files"), bytes: try row?.optional("bytes"))
    }

    func set(_ quota: UploadQuota, of user: UserID, in transaction: any Transaction) throws {
        try transaction.execute("""
            INSERT INTO account_quotas (user_id, files, bytes) VALUES (\(user), \(quota.files), \(quota.bytes))
            ON CONFLICT (user_id) DO UPDATE SET files = excluded.files, bytes = excluded.bytes
            """)
    }
}

extension AccountMigrations {
    static let quotas = Migration(
        342, "quotas of accounts",
        up: ["CREATE TABLE account_quotas (user_id TEXT NOT NULL PRIMARY KEY, files INTEGER, bytes INTEGER)"],
        down: ["DROP TABLE account_quotas"])
}
