/// Something that happened, as it waits in the outbox: durable, ordered, not yet numbered.
public struct DurableEvent: Sendable, Equatable {
    public var topic: Topic
    /// The event type's name, e.g. `new_photo`.
    public var name: String
    /// The `data` member as JSON text, encoded once for everybody.
    public var data: String
    /// What it tells of, if that can be taken back: names its row for `EventRewriter`. It stays in the outbox: events that are
    /// read back have none.
    public var subject: String?

    public init(topic: Topic, type: EventType, data: some Encodable, subject: String? = nil) throws {
        self.topic = topic
        self.name = type.name
        self.data = try JSON.text(data)
        self.subject = subject
    }

    /// For drivers that read events back from where they are kept.
    public init(topic: Topic, name: String, data: String) {
        self.topic = topic
        self.name = name
        self.data = data
    }
}

/// A durable event with its place in the order of all events.
public struct PublishedEvent: Sendable, Equatable {
    public var event: DurableEvent
    /// Ascending within its topic, not necessarily without gaps; what clients give back to recover.
    public var offset: Int64
    public var at: Timestamp

    public init(event: DurableEvent, offset: Int64, at: Timestamp) {
        self.event = event
        self.offset = offset
        self.at = at
    }
}

/// News that is worth something only now: of each key, a slow reader gets the latest.
public struct EphemeralEvent: Sendable, Equatable {
    public var topic: Topic
    public var name: String
    /// Later events of the same topic, name and key replace earlier ones that are not yet sent.
    public var key: String
    public var data: String
    public var at: Timestamp

    public init(topic: Topic, type: EventType, key: String, data: some Encodable, at: Timestamp) throws {
        self.topic = topic
        self.name = type.name
        self.key = key
        self.data = try JSON.text(data)
        self.at = at
    }

    /// For drivers that carry events between nodes.
    public init(topic: Topic, name: String, key: String, data: String, at: Timestamp) {
        self.topic = topic
        self.name = name
        self.key = key
        self.data = data
        self.at = at
    }
}
