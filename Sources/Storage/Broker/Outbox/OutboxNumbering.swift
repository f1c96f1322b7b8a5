/// Who gives a durable event its sequence, which is its offset too.
///
/// Readers go by "everything after this number", so the order of the numbers must be the order in which transactions
/// become visible, and without holes. Ids alone do not do that on PostgreSQL: they are taken before the commit, and
/// a reader that has seen id 6 may find id 5 a moment later.
public enum OutboxNumbering: Sendable {
    /// The transaction that writes the event numbers it. Only for databases whose writing transactions exclude each
    /// other (SQLite), where it costs nothing; elsewhere two writers would collide at the unique index.
    case onAppend
    /// The relay numbers what is committed, in a transaction of its own. Right on every database.
    case byRelay
}
