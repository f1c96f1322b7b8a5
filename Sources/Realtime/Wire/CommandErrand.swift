import Core
import Logging
import NIOCore

/// Carries out one command: waits off the event loop, acts on the connection on it.
struct CommandErrand: Sendable {
    let command: Command
    let connection: NIOLoopBound<WireConnection>
    /// The client's address, for rate limits.
    let address: String

    /// How many missed events are sent at most; more than that, and the client reads the list again.
    static let maxRecovered = 300
    /// Bytes of missed events that are sent at most, half of what a connection's queue holds.
    static let maxRecoveredBytes = 512 * 1024

    func run() async {
        do {
            let answer = try await carryOut()
            try await onLoop { connection in
                guard let id = command.id else { return }
                connection.send(try Envelope.ack(id, answer, at: connection.house.clock.now()))
            }
        } catch {
            await report(error)
        }
    }

    private func carryOut() async throws -> JSONValue {
        switch command.kind {
        case .ping: return [:]
        case .authenticate(let token): return try await authenticate(token)
        case .join(let join): return try await self.join(join)
        case .leave(let session):
            try await onLoop { connection in
                connection.unfollow(.session(session))
                connection.unfollow(.desk(session))
            }
            return ["sessionId": .string(session.description)]
        }
    }

    private func authenticate(_ token: String) async throws -> JSONValue {
        let house = try await onLoop { $0.house }
        let principal = try await house.authenticator.principal(bearer: token)
        try await onLoop { $0.identify(as: principal) }
        return ["userId": principal.userID.map { .string($0.description) } ?? .null]
    }

    // MARK: join_session

    private func join(_ join: Command.Join) async throws -> JSONValue {
        let (house, known) = try await onLoop { ($0.house, $0.principal) }
        let (principal, entry) = try await enter(join, as: known, house)
        try await house.sessions.authorize(principal, toFollow: .session(join.sessionId))
        let isStaff = try await mayFollowDesk(principal, join.sessionId, house)
        let topics: [Topic] = isStaff ? [.session(join.sessionId), .desk(join.sessionId)] : [.session(join.sessionId)]
        // Followed first and read afterwards: what comes in between waits in the subscription, so there is no gap.
        do {
            try await onLoop { connection in
                for topic in topics { try connection.follow(topic) }
                if let entry { connection.remember(entry) }
            }
            let mediaToken = try await house.sessions.mediaToken(of: principal, for: join.sessionId)
            return try await catchUp(topics, join, entry, mediaToken, house)
        } catch {
            try? await onLoop { connection in for topic in topics { connection.unfollow(topic) } }
            throw error
        }
    }

    private func mayFollowDesk(_ principal: Principal, _ session: SessionID, _ house: WireHouse) async throws -> Bool {
        do {
            try await house.sessions.authorize(principal, toFollow: .desk(session))
            return true
        } catch let problem as Problem where [401, 403, 404].contains(problem.status) {
            return false
        }
    }

    private func enter(
        _ join: Command.Join, as known: Principal, _ house: WireHouse
    ) async throws -> (Principal, GrantToken?) {
        guard let code = join.accessCode else { return (known, nil) }
        // A code is for those who have no other way in.
        if (try? await house.sessions.authorize(known, toFollow: .session(join.sessionId))) != nil { return (known, nil) }
        let token = try await house.sessions.enter(
            join.sessionId, accessCode: code, name: join.name, address: address)
        return (.guest(token), token)
    }

    private func catchUp(
        _ topics: [Topic], _ join: Command.Join, _ entry: GrantToken?, _ mediaToken: String?, _ house: WireHouse
    ) async throws -> JSONValue {
        // Asked for first: should a new history begin meanwhile, the client gets an epoch that recovers nothing of it.
        let epoch = house.broker.epoch
        var missed: [Missed] = []
        for topic in topics {
            let since = topic == .session(join.sessionId) ? join.offset : join.deskOffset
            missed.append(try await self.missed(topic, since: epoch == join.epoch ? since : nil, house))
        }
        // More than a slow reader's queue takes at once would only get the client closed, again and again.
        if missed.reduce(0, { $0 + $1.bytes }) > Self.maxRecoveredBytes {
            for index in missed.indices { missed[index].drop() }
        }
        let found = missed
        let answer = SessionJoined(
            sessionId: join.sessionId, epoch: epoch, offset: found[0].offset, desk: topics.count == 2,
            deskOffset: topics.count == 2 ? found[1].offset : nil, recovered: found.allSatisfy(\.isComplete),
            guests: await house.presence.count(of: join.sessionId), token: entry.map(house.grants.sign),
            mediaToken: mediaToken)
        return try await onLoop { try goLive($0, found, answer) }
    }

    private func goLive(_ connection: WireConnection, _ missed: [Missed], _ joined: SessionJoined) throws -> JSONValue {
        var joined = joined
        let overflowed = missed.contains { connection.subscriptions[$0.topic]?.hasOverflowed ?? false }
        joined.recovered = joined.recovered && !overflowed
        let data: JSONValue = try JSON.decode(from: try JSON.encode(joined))
        let now = connection.house.clock.now()
        connection.send(try Envelope.direct(RealtimeEvents.sessionJoined, data, at: now))
        for part in missed { connection.goLive(part.topic, after: part.offset, missed: part.frames) }
        return data
    }

    /// What a topic has to make up for.
    private struct Missed: Sendable {
        var topic: Topic
        var frames: [ByteBuffer]
        /// Of the last event in `frames`, or the topic's latest.
        var offset: Int64
        var isComplete: Bool

        var bytes: Int { frames.reduce(0) { $0 + $1.readableBytes } }

        mutating func drop() {
            frames = []
            isComplete = false
        }
    }

    private func missed(_ topic: Topic, since offset: Int64?, _ house: WireHouse) async throws -> Missed {
        if let offset {
            let history = try await house.broker.history(of: topic, after: offset, limit: Self.maxRecovered)
            if history.isComplete {
                return Missed(
                    topic: topic, frames: history.events.map { Envelope.frame($0) },
                    offset: history.events.last?.offset ?? offset, isComplete: true)
            }
        }
        let latest = try await house.broker.latestOffset(of: topic)
        return Missed(topic: topic, frames: [], offset: latest, isComplete: false)
    }

    // MARK: Back on the loop

    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (WireConnection) throws -> Value
    ) async throws -> Value {
        try await connection.eventLoop.submit { try body(connection.value) }.get()
    }

    private func report(_ error: any Error) async {
        if error is CancellationError { return }
        let id = command.id
        let problem = (error as? Problem) ?? .internalError
        try? await onLoop { connection in
            if !(error is Problem) {
                connection.house.logger.error("a command failed", metadata: ["error": "\(error)"])
            }
            connection.send(Envelope.error(problem, id: id, at: connection.house.clock.now()))
        }
    }
}
