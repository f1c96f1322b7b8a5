/// A connection that listens: what has been confirmed, what came, and whether it still lives.
struct SubscriptionMachine: Sendable {
    /// What to do about a reply.
    enum Action: Sendable, Equatable {
        case nothing
        /// Every channel is confirmed: from here on nothing that is published there is missed.
        case listening
        case message(channel: String, payload: [UInt8])
        /// What came does not belong on such a connection.
        case close
    }

    private var awaited: Set<String>
    private var heard = true

    init(channels: [String]) { awaited = Set(channels) }

    mutating func received(_ reply: RedisReply) -> Action {
        heard = true
        guard let parts = reply.array, let kind = parts.first?.text else { return .close }
        switch (kind, parts.count) {
        case ("message", 3):
            guard let channel = parts[1].text, case .bulk(let payload) = parts[2] else { return .close }
            return .message(channel: channel, payload: payload)
        case ("subscribe", 3):
            guard let channel = parts[1].text, awaited.remove(channel) != nil else { return .close }
            return awaited.isEmpty ? .listening : .nothing
        case ("pong", 2): return .nothing
        default: return .close
        }
    }

    /// A beat has passed; whether anything came in it. If so a PING is due, so that the next has something to hear.
    mutating func isAlive() -> Bool {
        defer { heard = false }
        return heard
    }
}
