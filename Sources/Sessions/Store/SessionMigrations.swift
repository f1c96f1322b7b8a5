public import Core

/// The tables of this feature.
public enum SessionMigrations {
    public static let all = base + sessions + curation + guests

    private static let base = [
        Migration(
            300, "sessions",
            up: [
                """
                CREATE TABLE sessions (
                    id TEXT NOT NULL PRIMARY KEY, owner_id TEXT NOT NULL, title TEXT NOT NULL, about TEXT NOT NULL,
                    status TEXT NOT NULL, access_code TEXT NOT NULL, access_key TEXT UNIQUE, settings TEXT NOT NULL,
                    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER
                )
                """,
                "CREATE INDEX sessions_by_creation ON sessions (created_at, id)",
            ],
            down: ["DROP TABLE sessions"]),
        Migration(
            301, "photos",
            up: [
                """
                CREATE TABLE photos (
                    id TEXT NOT NULL PRIMARY KEY, original_id TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL,
                    original_key TEXT NOT NULL, uploader_id TEXT, filename TEXT NOT NULL, content_type TEXT NOT NULL,
                    size INTEGER NOT NULL, sha256 TEXT NOT NULL, crc32 INTEGER NOT NULL, status TEXT NOT NULL,
                    failure TEXT, facts TEXT, created_at INTEGER NOT NULL, shown_at INTEGER,
                    UNIQUE (session_id, sha256)
                )
                """,
                "CREATE INDEX photos_by_creation ON photos (session_id, created_at, id)",
            ],
            down: ["DROP TABLE photos"]),
        Migration(
            302, "companions of photos",
            up: [
                // Photos from before have neither: they stay as they are.
                "ALTER TABLE photos ADD COLUMN stem TEXT",
                "ALTER TABLE photos ADD COLUMN part TEXT",
                "CREATE INDEX photos_by_stem ON photos (session_id, stem, created_at)",
                """
                CREATE TABLE companions (
                    id TEXT NOT NULL PRIMARY KEY, photo_id TEXT NOT NULL, session_id TEXT NOT NULL, role TEXT NOT NULL,
                    object_key TEXT NOT NULL, filename TEXT NOT NULL, content_type TEXT NOT NULL,
                    size INTEGER NOT NULL, sha256 TEXT NOT NULL, crc32 INTEGER NOT NULL, created_at INTEGER NOT NULL,
                    UNIQUE (session_id, sha256), UNIQUE (photo_id, role)
                )
                """,
            ],
            down: [
                "DROP TABLE companions", "DROP INDEX photos_by_stem", "ALTER TABLE photos DROP COLUMN part",
                "ALTER TABLE photos DROP COLUMN stem",
            ]),
        Migration(
            303, "what files are counted for",
            up: [
                "ALTER TABLE photos ADD COLUMN grant_id TEXT",
                "CREATE INDEX photos_of_sessions ON photos (session_id, size)",
                "CREATE INDEX photos_of_uploaders ON photos (uploader_id, size)",
                "CREATE INDEX photos_of_grants ON photos (grant_id, size)",
                "ALTER TABLE companions ADD COLUMN uploader_id TEXT",
                "ALTER TABLE companions ADD COLUMN grant_id TEXT",
                // Only an account's own files are paired.
                "UPDATE companions SET uploader_id = (SELECT uploader_id FROM photos WHERE photos.id = companions.photo_id)",
                "CREATE INDEX companions_of_sessions ON companions (session_id, size)",
                "CREATE INDEX companions_of_uploaders ON companions (uploader_id, size)",
                "CREATE INDEX companions_of_grants ON companions (grant_id, size)",
            ],
            down: [
                "DROP INDEX companions_of_grants", "DROP INDEX companions_of_uploaders", "DROP INDEX companions_of_sessions",
                "ALTER TABLE companions DROP COLUMN grant_id", "ALTER TABLE companions DROP COLUMN uploader_id",
                "DROP INDEX photos_of_grants", "DROP INDEX photos_of_uploaders", "DROP INDEX photos_of_sessions",
                "ALTER TABLE photos DROP COLUMN grant_id",
            ]),
        Migration(
            304, "when failed photos were sent again",
            up: ["ALTER TABLE photos ADD COLUMN retried_at INTEGER"],
            down: ["ALTER TABLE photos DROP COLUMN retried_at"]),
        Migration(
            305, "a ledger of what files are counted for",
            up: [
                "CREATE TABLE file_usage (id {{serial}}, holder TEXT NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL)",
                "CREATE INDEX file_usage_by_holder ON file_usage (holder, files, bytes)",
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT session_id, COUNT(*), CAST(SUM(size) AS BIGINT) FROM photos WHERE session_id IS NOT NULL GROUP BY session_id
                """,
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT uploader_id, COUNT(*), CAST(SUM(size) AS BIGINT) FROM photos WHERE uploader_id IS NOT NULL GROUP BY uploader_id
                """,
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT grant_id, COUNT(*), CAST(SUM(size) AS BIGINT) FROM photos WHERE grant_id IS NOT NULL GROUP BY grant_id
                """,
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT session_id, COUNT(*), CAST(SUM(size) AS BIGINT) FROM companions WHERE session_id IS NOT NULL GROUP BY session_id
                """,
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT uploader_id, COUNT(*), CAST(SUM(size) AS BIGINT) FROM companions WHERE uploader_id IS NOT NULL GROUP BY uploader_id
                """,
                """
                INSERT INTO file_usage (holder, files, bytes)
                SELECT grant_id, COUNT(*), CAST(SUM(size) AS BIGINT) FROM companions WHERE grant_id IS NOT NULL GROUP BY grant_id
                """,
                "DROP INDEX companions_of_grants", "DROP INDEX companions_of_uploaders", "DROP INDEX companions_of_sessions",
                "DROP INDEX photos_of_grants", "DROP INDEX photos_of_uploaders", "DROP INDEX photos_of_sessions",
            ],
            down: [
                "CREATE INDEX photos_of_sessions ON photos (session_id, size)",
                "CREATE INDEX photos_of_uploaders ON photos (uploader_id, size)",
                "CREATE INDEX photos_of_grants ON photos (grant_id, size)",
                "CREATE INDEX companions_of_sessions ON companions (session_id, size)",
                "CREATE INDEX companions_of_uploaders ON companions (uploader_id, size)",
                "CREATE INDEX companions_of_grants ON companions (grant_id, size)",
                "DROP TABLE file_usage",
            ]),
        Migration(
            320, "renderings and watermark pictures",
            up: [
                """
                CREATE TABLE session_renders (
                    session_id TEXT NOT NULL PRIMARY KEY, recipe TEXT NOT NULL, everything INTEGER NOT NULL, state TEXT NOT NULL,
                    next_key INTEGER NOT NULL, next_id TEXT NOT NULL, total INTEGER NOT NULL, fed INTEGER NOT NULL,
                    done INTEGER NOT NULL, failed INTEGER NOT NULL, started_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX session_renders_by_state ON session_renders (state, started_at)",
                "ALTER TABLE photos ADD COLUMN rendering INTEGER NOT NULL DEFAULT 0",
                """
                CREATE TABLE watermark_pictures (
                    session_id TEXT NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL, created_at INTEGER NOT NULL,
                    PRIMARY KEY (session_id, sha256)
                )
                """,
            ],
            down: [
                "DROP TABLE watermark_pictures", "ALTER TABLE photos DROP COLUMN rendering", "DROP TABLE session_renders",
            ]),
        Migration(
            321, "renderings counted by the marks of their photos",
            up: [
                "CREATE INDEX photos_rendering ON photos (session_id, rendering) WHERE rendering <> 0",
                "DROP INDEX session_renders_by_state",
                "CREATE INDEX session_renders_open ON session_renders (session_id) WHERE state <> 'over'",
            ],
            down: [
                "DROP INDEX session_renders_open",
                "CREATE INDEX session_renders_by_state ON session_renders (state, started_at)", "DROP INDEX photos_rendering",
            ]),
        Migration(
            330, "everything that is written into photos",
            up: ["ALTER TABLE photos ADD COLUMN tags TEXT"],
            down: ["ALTER TABLE photos DROP COLUMN tags"]),
        Migration(
            331, "what photos were made by, and objects that nobody needs",
            up: [
                "ALTER TABLE photos ADD COLUMN recipe TEXT", "CREATE TABLE discarded_objects (object_key TEXT NOT NULL PRIMARY KEY)",
            ],
            down: ["DROP TABLE discarded_objects", "ALTER TABLE photos DROP COLUMN recipe"]),
        Migration(
            610, "what archives of photos need",
            up: [
                // What was ready before stands where it was shown.
                "ALTER TABLE photos ADD COLUMN ready_at INTEGER",
                """
                CREATE TABLE placeless_checksums (
                    object_key TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, version INTEGER NOT NULL, crc32 INTEGER
                )
                """,
                "CREATE INDEX placeless_checksums_by_session ON placeless_checksums (session_id)",
                """
                CREATE TABLE archive_selections (
                    session_id TEXT NOT NULL, name TEXT NOT NULL, holder TEXT NOT NULL, photos BLOB NOT NULL,
                    created_at INTEGER NOT NULL, PRIMARY KEY (session_id, name)
                )
                """,
                "CREATE INDEX archive_selections_by_age ON archive_selections (created_at)",
            ],
            down: [
                "DROP TABLE archive_selections", "DROP TABLE placeless_checksums", "ALTER TABLE photos DROP COLUMN ready_at",
            ]),
        Migration(
            621, "links into sessions",
            up: [
                """
                CREATE TABLE share_links (
                    id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, name TEXT NOT NULL, rights INTEGER NOT NULL,
                    token_hash BLOB NOT NULL UNIQUE, sealed_token BLOB NOT NULL, password_hash TEXT, expires_at INTEGER,
                    max_uses INTEGER NOT NULL, uses INTEGER NOT NULL, max_downloads INTEGER NOT NULL,
                    downloads INTEGER NOT NULL, logged INTEGER NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER
                )
                """,
                "CREATE INDEX share_links_of_sessions ON share_links (session_id, created_at, id)",
                """
                CREATE TABLE link_uses (
                    link_id TEXT NOT NULL, number INTEGER NOT NULL, used_at INTEGER NOT NULL, kind TEXT NOT NULL,
                    network TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (link_id, number)
                )
                """,
                "CREATE INDEX link_uses_by_time ON link_uses (used_at)",
                """
                CREATE TABLE link_downloads (
                    grant_id TEXT NOT NULL, content TEXT NOT NULL, link_id TEXT NOT NULL, PRIMARY KEY (grant_id, content)
                )
                """,
                "CREATE INDEX link_downloads_of_links ON link_downloads (link_id)",
            ],
            down: ["DROP TABLE link_downloads", "DROP TABLE link_uses", "DROP TABLE share_links"]),
        Migration(
            622, "views and downloads",
            up: [
                """
                CREATE TABLE media_tallies (
                    session_id TEXT NOT NULL, original_id TEXT NOT NULL, link_id TEXT NOT NULL, views INTEGER NOT NULL,
                    downloads INTEGER NOT NULL, PRIMARY KEY (session_id, original_id, link_id)
                )
                """
            ],
            down: ["DROP TABLE media_tallies"]),
        Migration(
            631, "what guests may save, out of reach of programs that do not know of it",
            up: ["ALTER TABLE sessions ADD COLUMN downloads TEXT"],
            down: ["ALTER TABLE sessions DROP COLUMN downloads"]),
        Migration(
            640, "objects that archives miss",
            up: [
                """
                CREATE TABLE missing_objects (
                    object_key TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, size INTEGER NOT NULL, looked_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX missing_objects_by_session ON missing_objects (session_id, looked_at)",
            ],
            down: ["DROP TABLE missing_objects"]),
    ]
}
