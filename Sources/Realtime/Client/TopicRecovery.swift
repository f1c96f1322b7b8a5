import Core

/// Reads what a client missed of topics, all or nothing. The topics have to be followed before, so that what is published
/// meanwhile waits in their subscriptions: so there is no gap.
///
/// Offsets are places in one order of all topics. What is found ends at one place for all of them and is in order: wherever a
/// client is cut off while it gets that, the last offset that it has seen recovers the rest of every topic.
struct TopicRecovery: Sendable {
    /// How many missed events are sent at most; more than that, and the client reads the current state.
    static let maxEvents = 300
    /// Bytes of missed events that are sent at most, half of what a connection's queue holds: more at once would only get a
    /// slow reader closed, again and again.
    static let maxBytes = 512 * 1024

    /// What was found.
    struct Found: Sendable {
        /// Everything up to here is in `missed`, or older than the state that the client reads next.
        var position: Int64
        /// In order.
        var missed: [HubEvent] = []
        /// From where on `missed` holds everything of each topic, if it does.
        var since: [Topic: Int64] = [:]
        /// Whether that is all that was missed.
        var isComplete = false
    }

    let broker: any Broker

    /// - Parameter wishes: topics, and the last offset that the client has seen in each; `nil` if it has seen none.
    func read(_ wishes: [(topic: Topic, since: Int64?)]) async throws -> Found {
        // The place comes first: what the histories hold up to there is complete, whatever comes in while they are read.
        var found = Found(position: 0)
        for wish in wishes { found.position = max(found.position, try await broker.latestOffset(of: wish.topic)) }
        for wish in wishes {
            guard let since = wish.since else { return Found(position: found.position) }
            let history = try await broker.history(of: wish.topic, after: since, limit: Self.maxEvents)
            guard history.isComplete else { return Found(position: found.position) }
            found.since[wish.topic] = since
            found.missed += history.events.filter { $0.offset <= found.position }.map { HubEvent($0) }
            let isWithinBounds = found.missed.count <= Self.maxEvents && found.missed.reduce(0) { $0 + $1.cost } <= Self.maxBytes
            guard isWithinBounds else { return Found(position: found.position) }
        }
        found.missed.sort { ($0.offset ?? 0) < ($1.offset ?? 0) }
        found.isComplete = true
        return found
    }
}
