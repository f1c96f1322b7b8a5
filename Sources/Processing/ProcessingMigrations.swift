public import Core

/// The tables of this feature.
public enum ProcessingMigrations {
    /// In ascending order, numbers from 500 on.
    public static let all = [
        Migration(
            500, "processing jobs",
            up: [
                """
                CREATE TABLE processing_jobs (
                    id TEXT NOT NULL PRIMARY KEY, original_id TEXT NOT NULL UNIQUE, photo_id TEXT NOT NULL,
                    session_id TEXT NOT NULL, object_key TEXT NOT NULL, filename TEXT NOT NULL, sha256 TEXT,
                    recipe TEXT NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL, attempts INTEGER NOT NULL,
                    crashes INTEGER NOT NULL, due_at INTEGER NOT NULL, owner TEXT, lease TEXT, failure TEXT,
                    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX processing_jobs_by_due ON processing_jobs (state, due_at)",
                "CREATE INDEX processing_jobs_by_photo ON processing_jobs (photo_id)",
                "CREATE INDEX processing_jobs_by_session ON processing_jobs (session_id)",
            ],
            down: ["DROP TABLE processing_jobs"]),
        Migration(
            501, "renditions",
            up: [
                """
                CREATE TABLE renditions (
                    original_id TEXT NOT NULL, recipe TEXT NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL,
                    session_id TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, size INTEGER NOT NULL,
                    sha256 TEXT NOT NULL, object_key TEXT NOT NULL, created_at INTEGER NOT NULL,
                    PRIMARY KEY (original_id, recipe, name, format)
                )
                """,
                "CREATE INDEX renditions_by_session ON renditions (session_id)",
            ],
            down: ["DROP TABLE renditions"]),
        Migration(
            502, "interruptions of processing jobs",
            up: ["ALTER TABLE processing_jobs ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0"],
            down: ["ALTER TABLE processing_jobs DROP COLUMN interruptions"]),
        Migration(
            503, "turns of processing jobs",
            up: [
                "ALTER TABLE processing_jobs ADD COLUMN detail TEXT",
                "DROP INDEX processing_jobs_by_due",
                "DROP INDEX processing_jobs_by_session",
                // In the order of claims.
                """
                CREATE INDEX processing_jobs_turns ON processing_jobs (priority, session_id, due_at, updated_at, id)
                WHERE state = 'queued'
                """,
                "CREATE INDEX processing_jobs_leased ON processing_jobs (due_at) WHERE state = 'running'",
                // In the order of lists.
                "CREATE INDEX processing_jobs_by_state ON processing_jobs (state, created_at, id)",
                "CREATE INDEX processing_jobs_by_session ON processing_jobs (session_id, created_at, id, state)",
            ],
            down: [
                "DROP INDEX processing_jobs_by_session", "DROP INDEX processing_jobs_by_state",
                "DROP INDEX processing_jobs_leased", "DROP INDEX processing_jobs_turns",
                "CREATE INDEX processing_jobs_by_session ON processing_jobs (session_id)",
                "CREATE INDEX processing_jobs_by_due ON processing_jobs (state, due_at)",
                "UPDATE processing_jobs SET priority = 0",
                "UPDATE processing_jobs SET state = 'failed', failure = 'cancelled' WHERE state = 'cancelled'",
                "ALTER TABLE processing_jobs DROP COLUMN detail",
            ]),
        Migration(
            504, "wishes of processing jobs",
            // The recipe by which AVIF files were made because somebody wished for them, or could not be made.
            up: ["ALTER TABLE processing_jobs ADD COLUMN avif_recipe TEXT"],
            down: [
                """
                UPDATE processing_jobs SET state = 'done', owner = NULL, lease = NULL
                WHERE priority = -150 AND state IN ('queued', 'running')
                """,
                "UPDATE processing_jobs SET priority = -100 WHERE priority = -150",
                "ALTER TABLE processing_jobs DROP COLUMN avif_recipe",
            ]),
        Migration(
            505, "films of processing jobs", up: [],
            // Films were served as they are.
            down: [
                """
                UPDATE processing_jobs SET state = 'done', owner = NULL, lease = NULL, failure = NULL, detail = NULL
                WHERE priority = -200
                """,
                "UPDATE processing_jobs SET priority = -100 WHERE priority = -200",
            ]),
        Migration(
            611, "checksums of renditions",
            // Those from before are read once, for the first archive that they are in.
            up: ["ALTER TABLE renditions ADD COLUMN crc32 INTEGER"],
            down: ["ALTER TABLE renditions DROP COLUMN crc32"]),
    ]
}
