public import Core

/// The outbox is the one history of both brokers, so that what is rewritten here is said nowhere any more.
///
/// Its place in the order stays. Whoever remembers the event as it was, to tell one past from another, finds it marked.
extension Outbox: EventRewriter {
    public func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws {
        try transaction.execute("""
            UPDATE outbox SET data = \(data), is_rewritten = 1 WHERE subject = \(subject) AND topic = \(topic.name)
            """)
    }
}
