/// Where features hand over what happened. Implemented by the Broker's outbox.
public protocol EventPublisher: Sendable {
    /// Writes a durable event in the transaction that caused it; it is published after the commit, whatever happens.
    func publish(_ event: DurableEvent, in transaction: any Transaction) throws

    /// Sends an ephemeral event now, to whoever is there. Never waits.
    func send(_ event: EphemeralEvent)
}

/// Takes back what events have said. Implemented by the Broker's outbox.
public protocol EventRewriter: Sendable {
    /// Gives the events of a topic that tell of a subject other data, in the history as well as where they still wait to be
    /// published. Whoever has received them already knows what they said.
    /// - Parameters:
    ///   - subject: as `DurableEvent.subject`.
    ///   - data: the JSON text that takes the place of theirs.
    func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws
}

/// Carries events between nodes, gives them their order, and remembers them. In process or Redis.
public protocol Broker: Sendable {
    /// Names the history: offsets of different epochs cannot be compared.
    var epoch: String { get }

    /// Registers the one receiver of everything that is published from now on; called in order, must not block.
    func subscribe(_ receiver: any EventReceiver)

    /// What a topic published after an offset, oldest first.
    /// - Parameter limit: at most this many events; more missed than that counts as incomplete.
    func history(of topic: Topic, after offset: Int64, limit: Int) async throws -> TopicHistory

    /// The offset of the topic's latest event, 0 when it has none.
    func latestOffset(of topic: Topic) async throws -> Int64
}

/// What a topic's history still holds.
public struct TopicHistory: Sendable, Equatable {
    public var events: [PublishedEvent]
    /// Whether `events` is everything since the offset asked for; if not, the client must read the current state.
    public var isComplete: Bool

    public init(events: [PublishedEvent], isComplete: Bool) {
        self.events = events
        self.isComplete = isComplete
    }
}

/// Takes events from the Broker; the hub.
public protocol EventReceiver: Sendable {
    func receive(_ event: PublishedEvent)
    func receive(_ event: EphemeralEvent)

    /// Durable events were missed that cannot be had any more: followers must read the current state.
    func receiveLoss()
}

extension EventReceiver {
    /// Nothing to tell anybody.
    public func receiveLoss() {}
}

/// Small messages to every node that make something happen sooner. Implemented by the Broker.
public protocol Nudges: Sendable {
    /// Tells every node, this one included. Never waits, and may be lost: what it speeds up must happen without it too.
    /// - Parameters:
    ///   - name: what it is about, e.g. `upload`.
    ///   - payload: at most 4 KiB.
    func nudge(_ name: String, _ payload: String)

    /// Registers for a name, for as long as the process runs; called on any thread, must not block.
    func listen(for name: String, _ body: @escaping @Sendable (String) -> Void)
}

/// What a rate limit allows: so many at once, and one more after each interval.
public struct RateLimit: Sendable, Equatable {
    public var burst: Int
    public var interval: Duration

    public init(burst: Int, interval: Duration) {
        self.burst = burst
        self.interval = interval
    }
}

/// A token bucket per key, shared by all nodes; each counts for itself while they cannot reach each other.
/// Implemented by the Broker.
public protocol RateLimiter: Sendable {
    /// Takes a token.
    /// - Returns: `nil` when there was one, otherwise the time until there is.
    func take(_ key: String, _ limit: RateLimit) async -> Duration?

    /// Gives one token back.
    func refund(_ key: String, _ limit: RateLimit) async

    /// Fills the bucket.
    func reset(_ key: String) async
}

/// Decides who may follow a topic. Implemented by each feature for the kinds of topics that it owns.
public protocol TopicAuthorizer: Sendable {
    /// What it decides about; of no other kind it is asked.
    var kinds: Set<Topic.Kind> { get }

    /// - Throws: `Problem` 401, 403 or 404 when the principal may not.
    func authorize(_ principal: Principal, toFollow topic: Topic) async throws
}
