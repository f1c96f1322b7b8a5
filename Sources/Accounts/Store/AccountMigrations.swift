import Core

/// The tables of accounts, 200 to 299, and those of 600 to 699 that concern guests.
public enum AccountMigrations {
    public static let all: [Migration] = [users, devices, grants, parents, guests, quotas, spentTokens]

    private static let users = Migration(
        200, "users",
        up: [
            """
            CREATE TABLE users (
                id TEXT NOT NULL PRIMARY KEY,
                email TEXT NOT NULL,
                username TEXT NOT NULL,
                username_key TEXT NOT NULL,
                password_hash TEXT NOT NULL,
                role TEXT NOT NULL,
                created_at INTEGER NOT NULL)
            """,
            "CREATE UNIQUE INDEX users_email ON users (email)",
            "CREATE UNIQUE INDEX users_username ON users (username_key)",
        ],
        down: ["DROP TABLE users"])

    private static let devices = Migration(
        201, "devices",
        up: [
            """
            CREATE TABLE devices (
                id TEXT NOT NULL PRIMARY KEY,
                user_id TEXT NOT NULL,
                name TEXT NOT NULL,
                family_hash BLOB NOT NULL,
                secret_hash BLOB NOT NULL,
                created_at INTEGER NOT NULL,
                last_used_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                revoked_at INTEGER)
            """,
            "CREATE INDEX devices_user ON devices (user_id, last_used_at)",
            "CREATE INDEX devices_expired ON devices (expires_at)",
            "CREATE INDEX devices_revoked ON devices (revoked_at, id) WHERE revoked_at IS NOT NULL",
        ],
        down: ["DROP TABLE devices"])

    private static let grants = Migration(
        202, "grants",
        up: [
            """
            CREATE TABLE grants (
                id TEXT NOT NULL PRIMARY KEY,
                kind TEXT NOT NULL,
                user_id TEXT,
                session_id TEXT,
                rights INTEGER NOT NULL,
                scopes TEXT NOT NULL,
                name TEXT NOT NULL,
                secret_hash BLOB,
                created_at INTEGER NOT NULL,
                expires_at INTEGER,
                revoked_at INTEGER,
                last_used_at INTEGER)
            """,
            "CREATE INDEX grants_user ON grants (user_id, kind, created_at, id)",
            "CREATE INDEX grants_session ON grants (session_id, kind)",
            "CREATE INDEX grants_expired ON grants (expires_at)",
            "CREATE INDEX grants_revoked ON grants (revoked_at, id) WHERE revoked_at IS NOT NULL",
        ],
        down: ["DROP TABLE grants"])

    private static let parents = Migration(
        620, "what guests came in by",
        up: [
            "ALTER TABLE grants ADD COLUMN parent_id TEXT",
            "CREATE INDEX grants_parent ON grants (parent_id) WHERE parent_id IS NOT NULL",
        ],
        down: ["DROP INDEX grants_parent", "ALTER TABLE grants DROP COLUMN parent_id"])

    private static let guests = Migration(
        630, "the guests of a session in the order they came",
        up: ["CREATE INDEX grants_by_session ON grants (session_id, kind, created_at, id)", "DROP INDEX grants_session"],
        down: ["CREATE INDEX grants_session ON grants (session_id, kind)", "DROP INDEX grants_by_session"])

    private static let spentTokens = Migration(
        203, "refresh tokens whose answer was lost",
        up: ["ALTER TABLE devices ADD COLUMN spent_hash BLOB", "ALTER TABLE devices ADD COLUMN spent_good_until INTEGER"],
        down: ["ALTER TABLE devices DROP COLUMN spent_hash", "ALTER TABLE devices DROP COLUMN spent_good_until"])
}
