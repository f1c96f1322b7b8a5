import Core

extension SessionMigrations {
    /// Everything around a shoot.
    static let sessions: [Migration] = [
        Migration(
            340, "what sessions are about, and when something is to become of them",
            up: [
                // Programs from before leave these alone; rows from before have none of it.
                "ALTER TABLE sessions ADD COLUMN details TEXT",
                "ALTER TABLE sessions ADD COLUMN state TEXT",
                "ALTER TABLE sessions ADD COLUMN type TEXT",
                "ALTER TABLE sessions ADD COLUMN cover_id TEXT",
                "ALTER TABLE sessions ADD COLUMN due_at INTEGER",
                "CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL",
                "CREATE INDEX sessions_binned ON sessions (owner_id, created_at, id) WHERE deleted_at IS NOT NULL",
            ],
            down: [
                "DROP INDEX sessions_binned", "DROP INDEX sessions_due", "ALTER TABLE sessions DROP COLUMN due_at",
                "ALTER TABLE sessions DROP COLUMN cover_id", "ALTER TABLE sessions DROP COLUMN type",
                "ALTER TABLE sessions DROP COLUMN state", "ALTER TABLE sessions DROP COLUMN details",
            ]),
        Migration(
            341, "who changed what",
            up: [
                """
                CREATE TABLE audit_log (
                    number {{serial}}, session_id TEXT NOT NULL, at INTEGER NOT NULL, actor_kind TEXT NOT NULL, actor_id TEXT,
                    actor_name TEXT, action TEXT NOT NULL, subject TEXT, change TEXT
                )
                """,
                "CREATE INDEX audit_log_of_sessions ON audit_log (session_id, number)",
                "CREATE INDEX audit_log_by_time ON audit_log (at)",
            ],
            down: ["DROP TABLE audit_log"]),
        Migration(
            343, "how far photos follow their session's time zone",
            up: [
                "CREATE TABLE session_retimings (session_id TEXT NOT NULL PRIMARY KEY, next_key INTEGER NOT NULL, next_id TEXT NOT NULL)"
            ],
            down: ["DROP TABLE session_retimings"]),
        // After what features photos.
        Migration(
            359, "featured photos, for covers",
            up: ["CREATE INDEX photos_featured ON photos (session_id, created_at, id) WHERE featured = 1 AND shown_at IS NOT NULL"],
            down: ["DROP INDEX photos_featured"]),
    ]
}
