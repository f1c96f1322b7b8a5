public import Core

/// The tables of Ingest.
public enum IngestMigrations {
    public static let all: [Migration] = [
        Migration(
            400, "uploads",
            up: [
                """
                CREATE TABLE uploads (
                    id TEXT NOT NULL PRIMARY KEY,
                    session_id TEXT NOT NULL,
                    purpose TEXT NOT NULL,
                    target TEXT NOT NULL,
                    filename TEXT NOT NULL,
                    content_type TEXT NOT NULL,
                    declared_sha256 TEXT,
                    metadata TEXT NOT NULL,
                    uploader_id TEXT,
                    length INTEGER,
                    synced_offset INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    failure TEXT,
                    cleanup TEXT NOT NULL,
                    generation INTEGER NOT NULL,
                    boot_id TEXT NOT NULL,
                    sha256 TEXT,
                    crc32 INTEGER,
                    photo_id TEXT,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX uploads_by_state ON uploads (state, id)",
                "CREATE INDEX uploads_by_age ON uploads (updated_at)",
                "CREATE INDEX uploads_with_cleanup ON uploads (id) WHERE cleanup <> ''",
            ],
            down: ["DROP TABLE uploads"]),
        Migration(
            401, "uploaders",
            up: [
                "ALTER TABLE uploads ADD COLUMN uploader TEXT NOT NULL DEFAULT ''",
                "UPDATE uploads SET uploader = uploader_id WHERE uploader_id IS NOT NULL",
                "CREATE INDEX uploads_open ON uploads (uploader) WHERE state = 'receiving'",
            ],
            down: ["DROP INDEX uploads_open", "ALTER TABLE uploads DROP COLUMN uploader"]),
        Migration(
            402, "uploads on a fleet",
            up: [
                "ALTER TABLE uploads ADD COLUMN parts TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE uploads ADD COLUMN settler TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE uploads ADD COLUMN settle_until INTEGER NOT NULL DEFAULT 0",
            ],
            down: [
                "ALTER TABLE uploads DROP COLUMN settle_until",
                "ALTER TABLE uploads DROP COLUMN settler",
                "ALTER TABLE uploads DROP COLUMN parts",
            ]),
        Migration(
            403, "uploads that consist of others",
            up: ["ALTER TABLE uploads ADD COLUMN concat TEXT NOT NULL DEFAULT ''"],
            down: ["ALTER TABLE uploads DROP COLUMN concat"]),
        Migration(
            404, "the parts of uploads",
            up: [
                """
                CREATE TABLE upload_joins (
                    final_id TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    part_id TEXT NOT NULL,
                    PRIMARY KEY (final_id, position)
                )
                """,
                "CREATE INDEX upload_joins_by_part ON upload_joins (part_id)",
            ],
            down: ["DROP TABLE upload_joins"]),
        Migration(
            405, "uploads that their clients end",
            up: ["ALTER TABLE uploads ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0"],
            down: ["ALTER TABLE uploads DROP COLUMN is_open"]),
        Migration(
            406, "what uploads are counted for",
            up: [
                "ALTER TABLE uploads ADD COLUMN grant_id TEXT",
                "CREATE INDEX uploads_of_sessions ON uploads (session_id) WHERE state IN ('receiving', 'kept', 'joining', 'completing')",
                "CREATE INDEX uploads_of_accounts ON uploads (uploader) WHERE state IN ('receiving', 'kept', 'joining', 'completing')",
                "CREATE INDEX uploads_of_grants ON uploads (grant_id) WHERE state IN ('receiving', 'kept', 'joining', 'completing')",
            ],
            down: [
                "DROP INDEX uploads_of_grants",
                "DROP INDEX uploads_of_accounts",
                "DROP INDEX uploads_of_sessions",
                "ALTER TABLE uploads DROP COLUMN grant_id",
            ]),
        Migration(
            407, "uploads of files that were there already",
            up: ["CREATE INDEX uploads_known ON uploads (uploader, sha256) WHERE photo_id IS NOT NULL AND crc32 IS NULL"],
            down: ["DROP INDEX uploads_known"]),
        Migration(
            408, "parts whose bytes are those of another upload",
            up: ["ALTER TABLE uploads ADD COLUMN joined_into TEXT"],
            down: ["ALTER TABLE uploads DROP COLUMN joined_into"]),
    ]
}
