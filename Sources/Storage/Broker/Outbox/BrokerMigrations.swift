import Core

/// The outbox: durable events wait here to be published, and stay as the history of their topics.
public enum BrokerMigrations {
    public static let all = [outbox, sequence, generation, identity, subjects]

    private static let outbox = Migration(
        110, "outbox",
        up: [
            """
            CREATE TABLE outbox (
                id {{serial}}, topic TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, created_at INTEGER NOT NULL)
            """,
            "CREATE INDEX outbox_topic ON outbox (topic, id)",
            // Of each topic, the latest event that the history has lost.
            "CREATE TABLE outbox_floors (topic TEXT PRIMARY KEY, pruned_through INTEGER NOT NULL)",
            // One row: which history this is, and how far it has been published.
            """
            CREATE TABLE outbox_state (
                id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, published_through INTEGER NOT NULL)
            """,
        ],
        down: ["DROP TABLE outbox_state", "DROP TABLE outbox_floors", "DROP TABLE outbox"])

    private static let sequence = Migration(
        111, "outbox_sequence",
        up: [
            // Until now ids were the offsets, and clients hold them.
            "ALTER TABLE outbox ADD COLUMN sequence INTEGER",
            "UPDATE outbox SET sequence = id",
            "CREATE UNIQUE INDEX outbox_sequence ON outbox (sequence)",
            "CREATE INDEX outbox_waiting ON outbox (id) WHERE sequence IS NULL",
            "DROP INDEX outbox_topic",
            "CREATE INDEX outbox_topic ON outbox (topic, sequence)",
            // Who does what only one node may do; `beat` moves as long as the holder lives.
            """
            CREATE TABLE leases (
                name TEXT PRIMARY KEY, holder TEXT NOT NULL, term INTEGER NOT NULL, beat INTEGER NOT NULL)
            """,
        ],
        down: [
            "DROP TABLE leases", "DROP INDEX outbox_topic", "DROP INDEX outbox_waiting", "DROP INDEX outbox_sequence",
            "ALTER TABLE outbox DROP COLUMN sequence", "CREATE INDEX outbox_topic ON outbox (topic, id)",
        ])

    private static let generation = Migration(
        112, "outbox_generation",
        up: [
            // `epoch` names the house from now on, and its first history; which one it is by now: 0 for the first.
            "ALTER TABLE outbox_state ADD COLUMN generation INTEGER NOT NULL DEFAULT 0"
        ],
        down: ["ALTER TABLE outbox_state DROP COLUMN generation"])

    private static let identity = Migration(
        113, "outbox_identity",
        up: [
            // Of the database that the history was last continued in, as `DatabaseDriver.identity` gives it.
            "ALTER TABLE outbox_state ADD COLUMN database_identity TEXT"
        ],
        down: ["ALTER TABLE outbox_state DROP COLUMN database_identity"])

    private static let subjects = Migration(
        114, "outbox_subjects",
        up: [
            // What an event tells of, if that can be taken back; and whether it was, in part at least.
            "ALTER TABLE outbox ADD COLUMN subject TEXT",
            "ALTER TABLE outbox ADD COLUMN is_rewritten INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX outbox_subjects ON outbox (subject) WHERE subject IS NOT NULL",
        ],
        down: [
            "DROP INDEX outbox_subjects", "ALTER TABLE outbox DROP COLUMN is_rewritten", "ALTER TABLE outbox DROP COLUMN subject",
        ])
}
