public import Core

/// The tables of this feature, 600 to 699.
public enum WebhookMigrations {
    public static let all = [
        Migration(
            600, "webhooks",
            up: [
                """
                CREATE TABLE webhooks (
                    id TEXT NOT NULL PRIMARY KEY, owner_id TEXT NOT NULL, session_id TEXT, name TEXT NOT NULL,
                    url TEXT NOT NULL, host TEXT NOT NULL, events TEXT NOT NULL, secret TEXT NOT NULL,
                    previous_secret TEXT, previous_until INTEGER, state TEXT NOT NULL, failing_since INTEGER,
                    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX webhooks_by_owner ON webhooks (owner_id, created_at, id)",
                "CREATE INDEX webhooks_by_host ON webhooks (host)",
            ],
            down: ["DROP TABLE webhooks"]),
        Migration(
            601, "webhook deliveries",
            up: [
                """
                CREATE TABLE webhook_deliveries (
                    id TEXT NOT NULL PRIMARY KEY, webhook_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
                    state TEXT NOT NULL, attempts INTEGER NOT NULL, log TEXT NOT NULL, due_at INTEGER NOT NULL, lease TEXT,
                    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
                )
                """,
                "CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at, id)",
                "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at, id) WHERE state = 'pending'",
                "CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (updated_at) WHERE state <> 'pending'",
            ],
            down: ["DROP TABLE webhook_deliveries"]),
        Migration(
            602, "webhook turns",
            up: [
                "ALTER TABLE webhook_deliveries ADD COLUMN owner_id TEXT NOT NULL DEFAULT ''",
                """
                UPDATE webhook_deliveries SET owner_id = COALESCE(
                    (SELECT w.owner_id FROM webhooks AS w WHERE w.id = webhook_deliveries.webhook_id), '')
                """,
                """
                CREATE INDEX webhook_deliveries_turns ON webhook_deliveries (owner_id, webhook_id, due_at, id)
                WHERE state = 'pending'
                """,
                "CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (due_at) WHERE lease IS NOT NULL",
            ],
            down: [
                "DROP INDEX webhook_deliveries_leased", "DROP INDEX webhook_deliveries_turns",
                "ALTER TABLE webhook_deliveries DROP COLUMN owner_id",
            ]),
        Migration(
            603, "what webhook deliveries are about",
            up: [
                "ALTER TABLE webhook_deliveries ADD COLUMN session_id TEXT",
                "ALTER TABLE webhook_deliveries ADD COLUMN reason TEXT",
                // Of older messages to a webhook for all sessions it is not known; they end within a day.
                """
                UPDATE webhook_deliveries SET session_id =
                    (SELECT w.session_id FROM webhooks AS w WHERE w.id = webhook_deliveries.webhook_id)
                WHERE type <> 'ping'
                """,
            ],
            down: [
                "ALTER TABLE webhook_deliveries DROP COLUMN reason", "ALTER TABLE webhook_deliveries DROP COLUMN session_id",
            ]),
        Migration(
            604, "webhook generations",
            up: ["ALTER TABLE webhooks ADD COLUMN generation INTEGER NOT NULL DEFAULT 0"],
            down: ["ALTER TABLE webhooks DROP COLUMN generation"]),
    ]
}
