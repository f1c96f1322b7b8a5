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
    ]
}
