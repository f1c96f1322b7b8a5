import Core

extension SessionMigrations {
    /// What guests leave behind in sessions.
    static let guests = [
        Migration(
            360, "lists of chosen photos",
            up: [
                """
                CREATE TABLE selections (
                    id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
                    about TEXT NOT NULL, holder TEXT NOT NULL, holder_name TEXT NOT NULL, minimum INTEGER NOT NULL,
                    maximum INTEGER NOT NULL, closes_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
                    submitted_at INTEGER, submitted_by TEXT
                )
                """,
                "CREATE INDEX selections_of_sessions ON selections (session_id, created_at, id)",
                """
                CREATE TABLE selection_photos (
                    selection_id TEXT NOT NULL, photo_id TEXT NOT NULL, note TEXT NOT NULL, colour TEXT, rating INTEGER NOT NULL,
                    person TEXT NOT NULL, person_name TEXT NOT NULL, chosen_at INTEGER NOT NULL,
                    PRIMARY KEY (selection_id, photo_id)
                )
                """,
                "CREATE INDEX selection_photos_in_order ON selection_photos (selection_id, chosen_at, photo_id)",
                "CREATE INDEX selection_photos_by_photo ON selection_photos (photo_id)",
            ],
            down: ["DROP TABLE selection_photos", "DROP TABLE selections"]),
        Migration(
            361, "favourites and likes, and the names of those who sent photos",
            up: [
                "ALTER TABLE photos ADD COLUMN uploader_name TEXT",
                "ALTER TABLE photos ADD COLUMN likes INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE photos ADD COLUMN favourites INTEGER NOT NULL DEFAULT 0",
                """
                CREATE TABLE photo_marks (
                    photo_id TEXT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL, session_id TEXT NOT NULL,
                    created_at INTEGER NOT NULL, PRIMARY KEY (photo_id, person, kind)
                )
                """,
                "CREATE INDEX photo_marks_of_people ON photo_marks (session_id, person, kind, photo_id)",
                "CREATE INDEX photos_by_likes ON photos (session_id, likes, id) WHERE likes > 0",
                "CREATE INDEX photos_by_favourites ON photos (session_id, favourites, id) WHERE favourites > 0",
            ],
            down: [
                "DROP INDEX photos_by_favourites", "DROP INDEX photos_by_likes", "DROP TABLE photo_marks",
                "ALTER TABLE photos DROP COLUMN favourites", "ALTER TABLE photos DROP COLUMN likes",
                "ALTER TABLE photos DROP COLUMN uploader_name",
            ]),
        Migration(
            362, "reports of photos",
            up: [
                """
                CREATE TABLE photo_reports (
                    id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, photo_id TEXT NOT NULL, person TEXT NOT NULL,
                    person_name TEXT NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL, created_at INTEGER NOT NULL,
                    is_open INTEGER NOT NULL, resolution TEXT, resolved_at INTEGER, resolved_by TEXT,
                    UNIQUE (photo_id, person)
                )
                """,
                "CREATE INDEX photo_reports_of_sessions ON photo_reports (session_id, is_open, created_at, id)",
            ],
            down: ["DROP TABLE photo_reports"]),
        Migration(
            363, "who came when, and how long photos took to be seen",
            up: [
                """
                CREATE TABLE access_log (
                    id {{serial}}, session_id TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, link_id TEXT NOT NULL,
                    network TEXT NOT NULL, name TEXT NOT NULL
                )
                """,
                "CREATE INDEX access_log_of_sessions ON access_log (session_id, id)",
                "CREATE INDEX access_log_by_time ON access_log (at)",
                """
                CREATE TABLE session_entries (
                    session_id TEXT NOT NULL, slot INTEGER NOT NULL, link_id TEXT NOT NULL, entries INTEGER NOT NULL,
                    PRIMARY KEY (session_id, slot, link_id)
                )
                """,
                """
                CREATE TABLE photo_latencies (
                    session_id TEXT NOT NULL, step INTEGER NOT NULL, photos INTEGER NOT NULL, PRIMARY KEY (session_id, step)
                )
                """,
                "CREATE INDEX photos_counted ON photos (session_id, status, review, binned_at, size)",
            ],
            down: [
                "DROP INDEX photos_counted", "DROP TABLE photo_latencies", "DROP TABLE session_entries", "DROP TABLE access_log",
            ]),
    ]
}
