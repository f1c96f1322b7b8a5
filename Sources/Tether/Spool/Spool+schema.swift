import Core

extension Spool {
    /// The spool's file is of its own; numbers here are not those of the server's schema.
    static let migrations = [
        Migration(
            1, "tether files",
            up: [
                """
                CREATE TABLE tether_files (
                    id {{serial}}, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, modified INTEGER NOT NULL,
                    inode INTEGER NOT NULL, kind INTEGER NOT NULL, state TEXT NOT NULL, sha256 TEXT, upload_url TEXT,
                    upload_offset INTEGER NOT NULL, attempts INTEGER NOT NULL, last_error TEXT, retry_at INTEGER NOT NULL,
                    noticed_at INTEGER NOT NULL, ended_at INTEGER)
                """,
                "CREATE INDEX tether_files_due ON tether_files (state, kind, modified DESC)",
                "CREATE INDEX tether_files_content ON tether_files (sha256)",
            ],
            down: ["DROP TABLE tether_files"])
    ]
}
