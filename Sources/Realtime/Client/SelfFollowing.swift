import Core
import NIOCore

/// Lets a client follow what is told to its own account alone: follows, recovers, tells it, goes live.
struct SelfFollowing: Sendable {
    let user: UserID
    /// `nil`: the client has heard of nothing yet.
    let place: TopicPlace?
    let connection: NIOLoopBound<ClientConnection>
    let house: WireHouse

    /// - Returns: the data of the `authenticated` that the client was told, and that recovered events came after.
    /// - Throws: `Problem`. Whatever fails ends what was followed of it; who followed it before is sent away to come back.
    func run() async throws -> JSONValue {
        let topic = Topic.user(user)
        try await house.topics.authorize(try await connection.run { $0.principal }, toFollow: topic)
        let (sent, wasLive) = try await connection.run { connection in
            let before = (connection.sent(of: topic), connection.isLive(in: [topic]))
            try connection.follow(topic)
            return before
        }
        do {
            return try await catchUp(topic, sent)
        } catch {
            try? await connection.run { $0.giveUp([topic], wasLive: wasLive) }
            throw error
        }
    }

    /// - Parameter sent: what this connection has had of the topic, if it followed it before: that is not sent twice.
    private func catchUp(_ topic: Topic, _ sent: ClosedRange<Int64>?) async throws -> JSONValue {
        // Asked for first: should a new history begin meanwhile, the client gets an epoch that recovers nothing of it.
        let epoch = house.broker.epoch
        let since = place.flatMap { $0.epoch == epoch ? $0.offset : nil }
        var found = try await house.reads.read { try await TopicRecovery(broker: house.broker).read([(topic, since)]) }
        if let sent { found.missed.removeAll { $0.offset.map(sent.contains) ?? false } }
        let read = found
        return try await connection.run { connection in
            let found = connection.overflowed([topic], read) ?? read
            let data = Authenticated(userId: user, epoch: epoch, offset: found.position, recovered: found.isComplete)
            connection.tell(
                try DirectMessage(
                    RealtimeEvents.authenticated, data, epoch: epoch, offset: found.isComplete ? nil : found.position))
            connection.goLive([topic], found)
            return try JSON.value(of: data)
        }
    }
}
