import Core

/// The outbox: durable events wait here to be published, and stay as the history of their topics.
public enum BrokerMigrations {
    public static let all = [
        Migration(
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
    ]
}
