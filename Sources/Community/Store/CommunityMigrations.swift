public import Core

/// The tables of this feature, 700 to 799.
public enum CommunityMigrations {
    public static let all = [
        Migration(
            700, "chats",
            up: [
                """
                CREATE TABLE chats (
                    id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, session_id TEXT UNIQUE, is_on INTEGER NOT NULL,
                    slow_mode INTEGER NOT NULL, words TEXT NOT NULL, last_sequence INTEGER NOT NULL,
                    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
                )
                """,
                """
                CREATE TABLE chat_messages (
                    id TEXT NOT NULL PRIMARY KEY, chat_id TEXT NOT NULL, sequence INTEGER NOT NULL, author TEXT NOT NULL,
                    author_name TEXT NOT NULL, text TEXT NOT NULL, reply_to TEXT, photo_id TEXT, client_id TEXT, digest TEXT,
                    created_at INTEGER NOT NULL, edited_at INTEGER, deleted_at INTEGER,
                    UNIQUE (chat_id, sequence), UNIQUE (author, client_id)
                )
                """,
                "CREATE INDEX chat_messages_by_author ON chat_messages (chat_id, author, sequence)",
            ],
            down: ["DROP TABLE chat_messages", "DROP TABLE chats"]),
        Migration(
            701, "what people do in chats beside talking",
            up: [
                """
                CREATE TABLE chat_reactions (
                    message_id TEXT NOT NULL, emoji TEXT NOT NULL, person TEXT NOT NULL, chat_id TEXT NOT NULL,
                    created_at INTEGER NOT NULL, PRIMARY KEY (message_id, emoji, person)
                )
                """,
                "CREATE INDEX chat_reactions_by_chat ON chat_reactions (chat_id)",
                """
                CREATE TABLE chat_reads (
                    chat_id TEXT NOT NULL, person TEXT NOT NULL, sequence INTEGER NOT NULL, updated_at INTEGER NOT NULL,
                    PRIMARY KEY (chat_id, person)
                )
                """,
                """
                CREATE TABLE chat_mutes (
                    chat_id TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, until INTEGER, created_at INTEGER NOT NULL,
                    PRIMARY KEY (chat_id, person)
                )
                """,
            ],
            down: ["DROP TABLE chat_mutes", "DROP TABLE chat_reads", "DROP TABLE chat_reactions"]),
        Migration(
            720, "what was said about photos",
            up: ["CREATE INDEX chat_messages_by_photo ON chat_messages (chat_id, photo_id, sequence) WHERE photo_id IS NOT NULL"],
            down: ["DROP INDEX chat_messages_by_photo"]),
        Migration(
            730, "where the film was when something was said",
            up: [
                "ALTER TABLE chat_messages ADD COLUMN moment_media TEXT", "ALTER TABLE chat_messages ADD COLUMN moment_at INTEGER",
            ],
            down: [
                "ALTER TABLE chat_messages DROP COLUMN moment_at", "ALTER TABLE chat_messages DROP COLUMN moment_media",
            ]),
    ]
}
