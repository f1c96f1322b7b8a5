import Core
import NIOCore

/// Events on their way to the followers on one event loop, in the order of coming and within a bound.
struct HubInbox {
    struct Run: Sendable {
        var topic: Topic
        var events: [HubEvent]
    }

    /// What one turn of the loop hands out.
    struct Contents: Sendable {
        /// Neighbours are of different topics.
        var runs: [Run]
        /// Whether durable events were left out, because the loop has not kept up.
        var isIncomplete: Bool
    }

    /// Bytes of frames, each with 64 more for itself.
    static let maxBytes = 32 << 20
    /// What a follower is written at once; a longer run becomes several.
    static let maxRunBytes = 64 << 10

    private var contents = Contents(runs: [], isIncomplete: false)
    private var byteCount = 0
    private var lastRunBytes = 0

    /// Adds an event. Without room an ephemeral one is dropped; for a durable one the whole inbox is given up, since nothing may
    /// come after what is missing.
    /// - Returns: whether the loop has to be woken: it has not been since the inbox was emptied.
    mutating func append(_ topic: Topic, _ event: HubEvent) -> Bool {
        let isFirst = contents.runs.isEmpty && !contents.isIncomplete
        let cost = event.frame.readableBytes + 64
        if contents.isIncomplete { return false }
        if byteCount + cost > Self.maxBytes { return giveUp(event) && isFirst }
        byteCount += cost
        add(topic, event, cost)
        return isFirst
    }

    /// Empties it.
    mutating func take() -> Contents {
        defer { self = HubInbox() }
        return contents
    }

    private mutating func add(_ topic: Topic, _ event: HubEvent, _ cost: Int) {
        if let last = contents.runs.indices.last, contents.runs[last].topic == topic, lastRunBytes + cost <= Self.maxRunBytes {
            contents.runs[last].events.append(event)
            lastRunBytes += cost
        } else {
            contents.runs.append(Run(topic: topic, events: [event]))
            lastRunBytes = cost
        }
    }

    private mutating func giveUp(_ event: HubEvent) -> Bool {
        guard case .durable = event.kind else { return false }
        contents = Contents(runs: [], isIncomplete: true)
        return true
    }
}
