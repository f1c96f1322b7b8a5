import Core
import NIOCore

/// Events on their way to the followers on one event loop, in the order of coming and within a bound.
struct HubInbox {
    /// Neighbours of one topic.
    struct Run: Sendable {
        let topic: Topic
        fileprivate(set) var events: [HubEvent]
        fileprivate var bytes: Int
        fileprivate var offset: Int64

        fileprivate init(_ topic: Topic, _ event: HubEvent) {
            (self.topic, events, bytes, offset) = (topic, [event], event.cost, event.offset ?? 0)
        }

        /// Whether the event is a run's next: of the same topic, and later than what is there.
        fileprivate func takes(_ topic: Topic, _ event: HubEvent) -> Bool {
            topic == self.topic && bytes + event.cost <= HubInbox.maxTurnBytes && event.offset ?? .max > offset
        }

        fileprivate mutating func append(_ event: HubEvent) {
            events.append(event)
            bytes += event.cost
            offset = event.offset ?? offset
        }
    }

    /// What is handed out at a time.
    struct Contents: Sendable {
        var runs: [Run]
        /// Whether events were left out: who follows here has to start over.
        var isIncomplete: Bool
        /// Whether there is more to take.
        var hasMore: Bool
    }

    /// Bytes, each event as its `cost` says. Ephemeral events get half of it.
    static let maxBytes = 32 << 20
    /// What is handed out before it is flushed: so much any transport has room for that does not lag behind.
    static let maxTurnBytes = 32 << 10

    private var runs = CircularBuffer<Run>()
    private var byteCount = 0
    private var isIncomplete = false
    /// Whether the loop will come and take.
    private var isScheduled = false

    /// Adds an event. Without room an ephemeral one is dropped; for a durable one everything is given up.
    /// - Returns: whether the loop has to be told to take.
    mutating func append(_ topic: Topic, _ event: HubEvent) -> Bool {
        if isIncomplete { return false }
        let isDurable = event.offset != nil
        guard byteCount + event.cost <= (isDurable ? Self.maxBytes : Self.maxBytes / 2) else { return isDurable && giveUp() }
        byteCount += event.cost
        if let last = runs.indices.last, runs[last].takes(topic, event) { runs[last].append(event) } else { runs.append(Run(topic, event)) }
        return schedule()
    }

    /// Events have been lost: nothing may be handed out before that is said, and nothing that came after them.
    /// - Returns: whether the loop has to be told to take.
    mutating func giveUp() -> Bool {
        runs.removeAll()
        (byteCount, isIncomplete) = (0, true)
        return schedule()
    }

    /// Takes what is handed out next. The loop comes again if there is more.
    mutating func take() -> Contents {
        var taken: [Run] = []
        var bytes = 0
        while let run = runs.first, taken.isEmpty || bytes + run.bytes <= Self.maxTurnBytes {
            taken.append(runs.removeFirst())
            bytes += run.bytes
        }
        byteCount -= bytes
        isScheduled = !runs.isEmpty
        defer { isIncomplete = false }
        return Contents(runs: taken, isIncomplete: isIncomplete, hasMore: isScheduled)
    }

    private mutating func schedule() -> Bool {
        defer { isScheduled = true }
        return !isScheduled
    }
}
