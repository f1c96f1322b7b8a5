import Core

/// The outbox's SQL.
///
/// On SQLite ids are given inside transactions that exclude each other, so the order of ids is the order of commits and a
/// reader that has seen an id will never find a smaller new one.
enum OutboxStore {
    static func append(_ event: DurableEvent, at time: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute("""
            INSERT INTO outbox (topic, name, data, created_at)
            VALUES (\(event.topic.name), \(event.name), \(event.data), \(time))
            """)
    }

    /// Events after an id over all topics, oldest first.
    static func entries(after id: Int64, limit: Int, in transaction: any Transaction) throws -> [OutboxEntry] {
        try transaction.query("""
            SELECT id, topic, name, data, created_at FROM outbox WHERE id > \(id) ORDER BY id LIMIT \(limit)
            """).map(OutboxEntry.init)
    }

    static func entries(
        of topic: Topic, after id: Int64, limit: Int, in transaction: any Transaction
    ) throws -> [OutboxEntry] {
        try transaction.query("""
            SELECT id, topic, name, data, created_at FROM outbox
            WHERE topic = \(topic.name) AND id > \(id) ORDER BY id LIMIT \(limit)
            """).map(OutboxEntry.init)
    }

    /// The id of the latest event of a topic, or of all; 0 when there is none.
    static func latest(of topic: Topic? = nil, in transaction: any Transaction) throws -> Int64 {
        let row = try topic.map { try transaction.first("SELECT MAX(id) AS id FROM outbox WHERE topic = \($0.name)") }
            ?? transaction.first("SELECT MAX(id) AS id FROM outbox")
        return try row?.optional("id") ?? 0
    }

    /// The id up to which a topic's history is gone; 0 when it is all there.
    static func floor(of topic: Topic, in transaction: any Transaction) throws -> Int64 {
        try transaction.first("SELECT pruned_through FROM outbox_floors WHERE topic = \(topic.name)")?
            .get("pruned_through") ?? 0
    }

    /// The history's name; makes one at the first call.
    static func epoch(orElse new: String, in transaction: any Transaction) throws -> String {
        try transaction.execute("""
            INSERT INTO outbox_state (id, epoch, published_through) VALUES (1, \(new), 0) ON CONFLICT (id) DO NOTHING
            """)
        let row = try transaction.first("SELECT epoch FROM outbox_state WHERE id = 1")
        return try row?.get("epoch") ?? new
    }

    static func publishedThrough(in transaction: any Transaction) throws -> Int64 {
        try transaction.first("SELECT published_through FROM outbox_state WHERE id = 1")?.get("published_through") ?? 0
    }

    static func recordPublished(through id: Int64, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE outbox_state SET published_through = \(id) WHERE id = 1")
    }

    /// Removes a bounded number of published events that are past retention.
    /// - Returns: whether there may be more.
    static func prune(
        _ retention: OutboxRetention, published: Int64, now: Timestamp, in transaction: any Transaction
    ) throws -> Bool {
        let chunk = 500
        let oldest = try transaction.query("SELECT id, created_at FROM outbox ORDER BY id LIMIT \(chunk)")
            .map { OutboxRetention.Entry(id: try $0.get("id"), at: try $0.get("created_at")) }
        let newest = try latest(in: transaction)
        guard let cut = retention.cut(oldest, newest: newest, published: published, now: now) else { return false }
        try transaction.execute("""
            INSERT INTO outbox_floors (topic, pruned_through)
            SELECT topic, MAX(id) FROM outbox WHERE id <= \(cut) GROUP BY topic
            ON CONFLICT (topic) DO UPDATE SET pruned_through = excluded.pruned_through
            """)
        try transaction.execute("DELETE FROM outbox WHERE id <= \(cut)")
        return oldest.count == chunk && cut == oldest.last?.id
    }
}

/// A row of the outbox; the topic's text may be of a kind that this program does not know.
struct OutboxEntry: Sendable {
    let id: Int64
    let topic: String
    let name: String
    let data: String
    let at: Timestamp

    init(_ row: Row) throws {
        id = try row.get("id")
        topic = try row.get("topic")
        name = try row.get("name")
        data = try row.get("data")
        at = try row.get("created_at")
    }

    /// The event, its id as its offset; `nil` for an unknown kind of topic.
    var published: PublishedEvent? {
        Topic(topic).map { PublishedEvent(event: DurableEvent(topic: $0, name: name, data: data), offset: id, at: at) }
    }
}
