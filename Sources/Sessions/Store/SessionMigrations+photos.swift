import Core

extension SessionMigrations {
    /// Curation of photos, and what their lists are sorted and filtered by.
    static let curation = [
        Migration(
            350, "what people decide and write about photos",
            up: [
                "ALTER TABLE photos ADD COLUMN review TEXT NOT NULL DEFAULT 'approved'",
                "ALTER TABLE photos ADD COLUMN review_note TEXT", "ALTER TABLE photos ADD COLUMN reviewer_id TEXT",
                "ALTER TABLE photos ADD COLUMN reviewed_at INTEGER",
                "ALTER TABLE photos ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE photos ADD COLUMN binned_at INTEGER", "ALTER TABLE photos ADD COLUMN title TEXT",
                "ALTER TABLE photos ADD COLUMN caption TEXT", "ALTER TABLE photos ADD COLUMN category TEXT",
                "ALTER TABLE photos ADD COLUMN labels TEXT",
                "ALTER TABLE photos ADD COLUMN rating INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE photos ADD COLUMN featured INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE photos ADD COLUMN position INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE photos ADD COLUMN captured_at TEXT",
                "ALTER TABLE photos ADD COLUMN taken_at INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE photos ADD COLUMN stack_id TEXT",
                // A program from before notes of a photo that can be shown only that it is.
                "ALTER TABLE photos ADD COLUMN thumbed_at INTEGER",
                "ALTER TABLE photos ADD COLUMN media_kind TEXT",
                """
                UPDATE photos SET position = created_at, taken_at = created_at, thumbed_at = shown_at,
                    media_kind = CASE WHEN content_type LIKE 'video/%' THEN 'video' ELSE 'photo' END
                """,
                """
                CREATE TABLE photo_tags (
                    photo_id TEXT NOT NULL, tag TEXT NOT NULL, session_id TEXT NOT NULL, PRIMARY KEY (photo_id, tag)
                )
                """,
                "CREATE INDEX photo_tags_of_sessions ON photo_tags (session_id, tag, photo_id)",
            ],
            down: [
                "DROP TABLE photo_tags", "ALTER TABLE photos DROP COLUMN media_kind", "ALTER TABLE photos DROP COLUMN thumbed_at",
                "ALTER TABLE photos DROP COLUMN stack_id", "ALTER TABLE photos DROP COLUMN taken_at",
                "ALTER TABLE photos DROP COLUMN captured_at", "ALTER TABLE photos DROP COLUMN position",
                "ALTER TABLE photos DROP COLUMN featured", "ALTER TABLE photos DROP COLUMN rating",
                "ALTER TABLE photos DROP COLUMN labels", "ALTER TABLE photos DROP COLUMN category",
                "ALTER TABLE photos DROP COLUMN caption", "ALTER TABLE photos DROP COLUMN title",
                "ALTER TABLE photos DROP COLUMN binned_at", "ALTER TABLE photos DROP COLUMN hidden",
                "ALTER TABLE photos DROP COLUMN reviewed_at", "ALTER TABLE photos DROP COLUMN reviewer_id",
                "ALTER TABLE photos DROP COLUMN review_note", "ALTER TABLE photos DROP COLUMN review",
            ]),
        Migration(
            351, "orders of lists of photos",
            up: [
                // With what is filtered by: photos that are not wanted are passed over without a look at their rows, which are long.
                """
                CREATE INDEX photos_by_coming ON photos
                    (session_id, created_at, id, rating, featured, category, media_kind, hidden, uploader_id, status, binned_at)
                """,
                """
                CREATE INDEX photos_by_taking ON photos
                    (session_id, taken_at, id, rating, featured, category, media_kind, hidden, uploader_id, status, binned_at)
                """,
                "DROP INDEX photos_by_creation",
                """
                CREATE INDEX photos_shown ON photos (session_id, created_at, id, featured, category, media_kind)
                    WHERE shown_at IS NOT NULL
                """,
                """
                CREATE INDEX photos_shown_by_taking ON photos (session_id, taken_at, id, featured, category, media_kind)
                    WHERE shown_at IS NOT NULL
                """,
                "CREATE INDEX photos_by_name ON photos (session_id, filename, id)",
                "CREATE INDEX photos_by_rating ON photos (session_id, rating, id)",
                "CREATE INDEX photos_by_position ON photos (session_id, position, id)",
                "CREATE INDEX photos_in_review ON photos (session_id, review, created_at, id) WHERE review <> 'approved'",
                "CREATE INDEX photos_binned ON photos (binned_at) WHERE binned_at IS NOT NULL",
                "CREATE INDEX photos_stacked ON photos (stack_id) WHERE stack_id IS NOT NULL",
            ],
            down: [
                "DROP INDEX photos_stacked", "DROP INDEX photos_binned", "DROP INDEX photos_in_review", "DROP INDEX photos_by_position",
                "DROP INDEX photos_by_rating", "DROP INDEX photos_by_name", "DROP INDEX photos_shown_by_taking", "DROP INDEX photos_shown",
                "CREATE INDEX photos_by_creation ON photos (session_id, created_at, id)", "DROP INDEX photos_by_taking",
                "DROP INDEX photos_by_coming",
            ]),
    ]
}
