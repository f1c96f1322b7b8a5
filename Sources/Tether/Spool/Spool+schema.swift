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
            down: ["DROP TABLE tether_files"]),
        // An upload is of a content, whatever file had it: names, times and numbers of files change.
        Migration(
            2, "tether contents",
            up: [
                """
                CREATE TABLE tether_contents (
                    sha256 TEXT NOT NULL, size INTEGER NOT NULL, upload_url TEXT, upload_offset INTEGER NOT NULL,
                    sent_at INTEGER, PRIMARY KEY (sha256, size))
                """,
                """
                INSERT INTO tether_contents (sha256, size, upload_url, upload_offset, sent_at)
                SELECT sha256, size, MAX(upload_url), 0, MAX(CASE WHEN state = 'sent' THEN ended_at END)
                FROM tether_files WHERE sha256 IS NOT NULL GROUP BY sha256, size
                """,
                "ALTER TABLE tether_files DROP COLUMN upload_url",
                "ALTER TABLE tether_files DROP COLUMN upload_offset",
                "ALTER TABLE tether_files ADD COLUMN former TEXT",
                "CREATE INDEX tether_files_former ON tether_files (former)",
            ],
            down: [
                "DROP INDEX tether_files_former", "ALTER TABLE tether_files DROP COLUMN former",
                "ALTER TABLE tether_files ADD COLUMN upload_offset INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE tether_files ADD COLUMN upload_url TEXT", "DROP TABLE tether_contents",
            ]),
        Migration(
            3, "tether endings", up: ["CREATE TABLE tether_endings (id {{serial}}, upload_url TEXT NOT NULL UNIQUE)"],
            down: ["DROP TABLE tether_endings"]),
    ]
}
