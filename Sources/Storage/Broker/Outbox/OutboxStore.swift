import Core

/// The outbox's SQL.
///
/// A sequence is given under a lock that is held until the commit, one after the other: a reader that has seen one will
/// never find a smaller new one.
enum OutboxStore {
    static func append(
        _ event: DurableEvent, at time: Timestamp, _ numbering: OutboxNumbering, in transaction: any Transaction
    ) throws {
        let sequence: SQL =
            switch numbering {
            case .onAppend: "(SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox)"
            case .byRelay: "NULL"
            }
        try transaction.execute("""
            INSERT INTO outbox (topic, name, data, created_at, sequence, subject)
            VALUES (\(event.topic.name), \(event.name), \(event.data), \(time), \(sql: sequence), \(event.subject))
            """)
    }

    private static let columns: SQL = """
        sequence, topic, name, data, created_at, is_rewritten, (SELECT generation FROM outbox_state WHERE id = 1) AS generation
        """

    /// Events after a sequence over all topics, oldest first.
    static func entries(after sequence: Int64, limit: Int, in transaction: any Transaction) throws -> [OutboxEntry] {
        try transaction.query("""
            SELECT \(sql: columns) FROM outbox WHERE sequence > \(sequence) ORDER BY sequence LIMIT \(limit)
            """).map(OutboxEntry.init)
    }

    static func entries(
        of topic: Topic, after sequence: Int64, limit: Int, in transaction: any Transaction
    ) throws -> [OutboxEntry] {
        try transaction.query("""
            SELECT \(sql: columns) FROM outbox
            WHERE topic = \(topic.name) AND sequence > \(sequence) ORDER BY sequence LIMIT \(limit)
            """).map(OutboxEntry.init)
    }

    /// The sequence of the latest event of a topic, or of all; 0 when there is none.
    static func latest(of topic: Topic? = nil, in transaction: any Transaction) throws -> Int64 {
        let row = try topic.map {
            try transaction.first("SELECT MAX(sequence) AS latest FROM outbox WHERE topic = \($0.name)")
        } ?? transaction.first("SELECT MAX(sequence) AS latest FROM outbox")
        return try row?.optional("latest") ?? 0
    }

    /// The sequence up to which a topic's history is gone; 0 when it is all there.
    static func floor(of topic: Topic, in transaction: any Transaction) throws -> Int64 {
        try transaction.first("SELECT pruned_through FROM outbox_floors WHERE topic = \(topic.name)")?
            .get("pruned_through") ?? 0
    }

    /// Never goes back: a relay that has lost its lease, or whose history is over, may still be writing what it knew.
    static func recordPublished(through position: OutboxPosition, in transaction: any Transaction) throws {
        try transaction.execute("""
            UPDATE outbox_state SET published_through = \(position.sequence)
            WHERE id = 1 AND generation = \(position.generation) AND published_through < \(position.sequence)
            """)
    }
}

/// A numbered row of the outbox; the topic's text may be of a kind that this program does not know.
struct OutboxEntry: Sendable {
    /// The history that the database is in.
    let generation: Int64
    let sequence: Int64
    let topic: String
    let name: String
    let data: String
    let at: Timestamp
    /// Whether the data is not what it was first, and may have been published with.
    let isRewritten: Bool

    init(_ row: Row) throws {
        generation = try row.optional("generation") ?? 0
        sequence = try row.get("sequence")
        topic = try row.get("topic")
        name = try row.get("name")
        data = try row.get("data")
        at = try row.get("created_at")
        isRewritten = try row.get("is_rewritten")
    }

    /// The event, its sequence as its offset; `nil` for an unknown kind of topic.
    var published: PublishedEvent? {
        Topic(topic).map {
            PublishedEvent(event: DurableEvent(topic: $0, name: name, data: data), offset: sequence, at: at)
        }
    }

    /// Whether it is that event, which may have said something else before it was rewritten.
    func isSame(as event: PublishedEvent) -> Bool {
        guard isRewritten, var now = published else { return published == event }
        now.event.data = event.event.data
        return now == event
    }
}
