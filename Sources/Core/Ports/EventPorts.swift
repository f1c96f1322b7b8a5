/// Where features hand over what happened. Implemented by the Broker's outbox.
public protocol EventPublisher: Sendable {
    /// Writes a durable event in the transaction that caused it; it is published after the commit, whatever happens.
    func publish(_ event: DurableEvent, in transaction: any Transaction) throws

    /// Sends an ephemeral event now, to whoever is there. Never waits.
    func send(_ event: EphemeralEvent)
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
}

/// Decides who may follow a topic. Implemented by the feature that owns the topic's kind.
public protocol TopicAuthorizer: Sendable {
    /// - Throws: `Problem` 401, 403 or 404 when the principal may not.
    func authorize(_ principal: Principal, toFollow topic: Topic) async throws

    /// What the principal appends to the plain media paths of a session's events.
    /// - Returns: `nil` when it holds nothing there that could be signed.
    func mediaToken(of principal: Principal, for session: SessionID) async throws -> String?

    /// Lets somebody into a session by its access code.
    /// - Parameter address: who is trying, for the rate limit.
    /// - Throws: `Problem` 404 or 403 `wrong_code`, 429.
    func enter(_ session: SessionID, accessCode: String, name: String?, address: String) async throws -> GrantToken
}
