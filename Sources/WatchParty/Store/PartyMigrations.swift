public import Core

/// The tables of this feature, 800 to 899.
public enum PartyMigrations {
    public static let all = [
        Migration(
            800, "parties",
            up: [
                """
                CREATE TABLE parties (
                    session_id TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL, room TEXT NOT NULL, queue_revision INTEGER NOT NULL,
                    wakes_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX parties_by_waking ON parties (wakes_at) WHERE wakes_at IS NOT NULL",
                """
                CREATE TABLE party_members (
                    session_id TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, joined_at INTEGER NOT NULL,
                    seen_at INTEGER NOT NULL, is_present INTEGER NOT NULL, round_trip INTEGER, PRIMARY KEY (session_id, person)
                )
                """,
                "CREATE INDEX party_members_present ON party_members (seen_at, session_id) WHERE is_present = 1",
                "CREATE INDEX party_members_by_joining ON party_members (session_id, is_present, joined_at)",
                """
                CREATE TABLE party_entries (
                    id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, photo_id TEXT NOT NULL, added_by TEXT NOT NULL,
                    adder_name TEXT NOT NULL, is_of_administrator INTEGER NOT NULL, pin INTEGER, added_at INTEGER NOT NULL, UNIQUE (session_id, photo_id)
                )
                """,
                """
                CREATE TABLE party_votes (
                    entry_id TEXT NOT NULL, person TEXT NOT NULL, is_skip INTEGER NOT NULL, session_id TEXT NOT NULL,
                    PRIMARY KEY (entry_id, person, is_skip)
                )
                """,
                "CREATE INDEX party_votes_of_parties ON party_votes (session_id)",
                """
                CREATE TABLE party_subtitles (
                    id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL, photo_id TEXT NOT NULL, label TEXT NOT NULL, language TEXT,
                    content TEXT NOT NULL, size INTEGER NOT NULL, created_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX party_subtitles_of_films ON party_subtitles (session_id, photo_id, created_at)",
            ],
            down: [
                "DROP TABLE party_subtitles", "DROP TABLE party_votes", "DROP TABLE party_entries", "DROP TABLE party_members",
                "DROP TABLE parties",
            ])
    ]
}
