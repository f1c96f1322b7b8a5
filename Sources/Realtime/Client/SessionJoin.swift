import Core
import NIOCore

/// Lets a client follow a session, and its desk if it may, or a party: checks, follows, recovers, tells it, goes live.
struct SessionJoin: Sendable {
    let wish: Command.Join
    let connection: NIOLoopBound<ClientConnection>
    let house: WireHouse
    /// The client's, for rate limits.
    let address: String

    /// - Returns: the data of the `session_joined` or `party_joined` that the client was told, and that recovered events came after,
    ///   but for its `state`.
    /// - Throws: `Problem`. Who may not follow it goes on as before; whatever fails later ends what was followed of it, and who
    ///   followed it before is sent away to come back.
    func run() async throws -> JSONValue {
        let known = try await connection.run { ($0.principal, $0.entry(into: wish.gathering.id)) }
        let (principal, entry) = try await enter(as: known.0, known.1)
        let topics = try await topics(openTo: principal)
        // Who has just come in by the code was asked for before.
        if entry == nil || known.1 != nil { try await askForPlace(principal) }
        let member = await house.member(principal)
        let wasLive = try await connection.run { $0.isLive(in: topics) }
        do {
            try await connection.run { connection in
                for topic in wish.gathering.allTopics { connection.unfollow(topic) }
                for topic in topics { try connection.follow(topic, as: member) }
                if let entry { connection.remember(entry) }
            }
            try await arrive(principal)
            return try await catchUp(topics, principal, entry)
        } catch {
            try? await connection.run { $0.giveUp(topics, wasLive: wasLive) }
            throw error
        }
    }

    // MARK: Rights

    /// - Parameter entered: what this connection came in by before, if it still holds.
    private func enter(as known: Principal, _ entered: GrantToken?) async throws -> (Principal, GrantToken?) {
        guard let code = wish.accessCode else { return (known, nil) }
        // A code is for those who have no other way in.
        if try await mayFollow(wish.gathering.topics, known) { return (known, nil) }
        // Whoever says it once more is not somebody else by that.
        if let entered { return (.guest(entered), entered) }
        if wish.gathering.isParty, house.parties == nil { throw Problem.notFound("party") }
        // Who does not know the code learns nothing; who does gets no grant without a place.
        let token = try await house.sessions.enter(wish.gathering.id, accessCode: code, name: wish.name, address: address)
        return (.guest(token), token)
    }

    private func topics(openTo principal: Principal) async throws -> [Topic] {
        let topics = wish.gathering.topics
        for topic in topics { try await house.authorize(principal, toFollow: topic) }
        guard let staffTopic = wish.gathering.staffTopic, try await mayFollow([staffTopic], principal) else { return topics }
        return topics + [staffTopic]
    }

    private func mayFollow(_ topics: [Topic], _ principal: Principal) async throws -> Bool {
        do {
            for topic in topics { try await house.authorize(principal, toFollow: topic) }
            return true
        } catch let problem as Problem where [401, 403, 404].contains(problem.status) {
            return false
        }
    }

    // MARK: Parties

    private func askForPlace(_ principal: Principal) async throws {
        try await askVisitors { try await $0.mayEnter($1, principal) }
    }

    private func arrive(_ principal: Principal) async throws {
        try await askVisitors { try await $0.entered($1, principal) }
    }

    private func askVisitors(_ body: @Sendable (any PartyVisitors, SessionID) async throws -> Void) async throws {
        guard case .party(let id) = wish.gathering else { return }
        guard let parties = house.parties else { throw Problem.notFound("party") }
        try await house.reads.read { try await body(parties, id) }
    }

    // MARK: Recovery

    private func catchUp(_ topics: [Topic], _ principal: Principal, _ entry: GrantToken?) async throws -> JSONValue {
        // Asked for first: should a new history begin meanwhile, the client gets an epoch that recovers nothing of it.
        let epoch = house.broker.epoch
        let isOfNow = epoch == wish.epoch
        let wishes = topics.map { topic in (topic, isOfNow ? since(topic) : nil) }
        let found = try await house.reads.read { try await TopicRecovery(broker: house.broker).read(wishes) }
        // Read after the place was: what comes live is never older than the state.
        let wantsState = wish.state ?? (wish.offset != nil || wish.gathering.isParty)
        let state = wantsState && !found.isComplete ? try await state(for: principal) : nil
        let mediaToken = try await house.reads.read { try await house.sessions.mediaToken(of: principal, for: wish.gathering.id) }
        let presence = await house.presence.presence(in: wish.gathering.id)
        let joined = Joined(
            wish.gathering, topics, epoch: epoch, offset: found.position, recovered: found.isComplete, presence: presence,
            token: entry.map(house.grants.sign), mediaToken: mediaToken, state: state)
        let told = try joined.message
        return try await connection.run { try $0.goLive(topics, found, joined, told) }
    }

    private func state(for principal: Principal) async throws -> JSONValue? {
        try await house.reads.read {
            switch wish.gathering {
            case .session(let id): try await house.states?.state(of: id, for: principal)
            case .party(let id): try await house.parties?.state(of: id, for: principal)
            }
        }
    }

    /// Who knows of no place of the desk has been told of what it does by the same order.
    private func since(_ topic: Topic) -> Int64? { topic.kind == .desk ? wish.deskOffset ?? wish.offset : wish.offset }
}

extension ClientConnection {
    /// Tells the client that it follows, then sends what it missed, then what waited meanwhile; from here on the topics are live.
    /// - Parameter told: `joined`, written down.
    fileprivate func goLive(
        _ topics: [Topic], _ found: TopicRecovery.Found, _ joined: Joined, _ told: DirectMessage
    ) throws -> JSONValue {
        var (found, joined, told) = (found, joined, told)
        if let late = overflowed(topics, found) {
            found = late
            joined.recovered = false
            // Some of what came in is newer than the state that was read.
            joined.state = nil
            joined.offset = found.position
            joined.deskOffset = joined.deskOffset.map { _ in found.position }
            told = try joined.message
        }
        tell(told)
        goLive(topics, found)
        joined.state = nil
        return try JSON.value(of: joined)
    }
}
