import Core
import NIOCore
import Sockets

/// One client of `/ws`: its identity, what it follows, and its commands, carried out one after the other.
///
/// Lives on the connection's event loop; commands that wait do so in one task and come back to the loop.
final class WireConnection: Subscriber {
    /// How many commands may wait behind one that is being carried out.
    static let maxPending = 16
    /// Seconds between two looks at what an account may still follow.
    static let reviewInterval = 30
    /// How many topics one connection may follow.
    static let maxTopics = 64
    /// Seconds that a client may stay without saying who it is or where it wants to go.
    static let patience = 30

    let house: WireHouse
    /// Names the connection among those of all nodes.
    private let member = RandomToken.secret(bytes: 9)
    private let address: String
    private let shard: HubShard
    private var socket: WebSocketConnection?
    private(set) var principal: Principal
    private(set) var subscriptions: [Topic: Subscription] = [:]
    /// Grants the client came in by, beside `principal`.
    private var entries: [SessionID: GrantToken] = [:]
    private var pending: [Command] = []
    private var isBusy = false
    private var seconds = 0
    private var aimlessSeconds = 0

    /// - Parameter address: the client's, for rate limits.
    init(house: WireHouse, shard: HubShard, principal: Principal, address: String) {
        self.address = address
        self.house = house
        self.shard = shard
        self.principal = principal
    }

    // MARK: What commands do

    func identify(as principal: Principal) { self.principal = principal }

    /// Starts to follow a topic; live events wait until `goLive`.
    /// - Throws: `Problem` 429 when it follows too many.
    func follow(_ topic: Topic) throws {
        // The client may have left while its command was being carried out.
        guard socket != nil else { throw CancellationError() }
        if subscriptions[topic] != nil { unfollow(topic) }
        guard subscriptions.count < Self.maxTopics else {
            throw Problem(429, "too_many_topics", "One connection follows at most \(Self.maxTopics) topics.")
        }
        subscriptions[topic] = Subscription()
        shard.subscribe(self, to: topic)
        // Whoever signs in as somebody else later stays bound to what let them in here.
        if case .guest(let token) = principal { remember(token) }
        if case .session(let id) = topic { house.presence.joined(id, member) }
    }

    func unfollow(_ topic: Topic) {
        guard subscriptions.removeValue(forKey: topic) != nil else { return }
        shard.unsubscribe(self, from: topic)
        guard case .session(let id) = topic else { return }
        house.presence.left(id, member)
        entries[id] = nil
    }

    func remember(_ entry: GrantToken) { entries[entry.sessionID] = entry }

    /// Sends what was missed, then what waited meanwhile; from here on the topic is live.
    func goLive(_ topic: Topic, after offset: Int64, missed: [ByteBuffer]) {
        for frame in missed { send(frame) }
        for frame in subscriptions[topic]?.goLive(after: offset) ?? [] { send(frame) }
    }

    func send(_ frame: ByteBuffer) { socket?.send(encodedFrame: frame) }

    // MARK: Subscriber

    func deliver(_ run: TopicRun) -> Bool {
        guard let socket, socket.isOpen else { return false }
        if subscriptions[run.topic]?.receive(run, if: socket.write(encodedFrames:)) ?? false { return true }
        for event in run.events { deliver(run.topic, event, over: socket) }
        return false
    }

    private func deliver(_ topic: Topic, _ event: HubEvent, over socket: WebSocketConnection) {
        switch event.kind {
        case .durable(let offset):
            if subscriptions[topic]?.receive(offset, event.frame) ?? false { socket.send(encodedFrame: event.frame) }
        case .ephemeral(let key):
            if subscriptions[topic]?.isLive ?? false { socket.sendLatest(key: key, encodedFrame: event.frame) }
        }
    }

    func flush() { socket?.flush() }

    func reconsider() {
        let now = house.clock.now()
        var tokens = Array(entries.values)
        if case .guest(let token) = principal { tokens.append(token) }
        let isExpelled = tokens.contains { house.grants.isRevoked($0.grantID) || $0.expiresAt <= now }
        if isExpelled || house.credentials.isRevoked(principal) { return showOut() }
        aimlessSeconds = principal == .anonymous && subscriptions.isEmpty ? aimlessSeconds + 1 : 0
        if aimlessSeconds >= Self.patience {
            socket?.close(code: WebSocketCloseCode(rawValue: 3502), reason: "stale")
            return
        }
        seconds += 1
        if seconds % Self.reviewInterval == 0 { review() }
    }

    func showOutForLoss() { socket?.close(code: WebSocketCloseCode(rawValue: 3001), reason: "resync") }

    func showOut() { socket?.close(code: WebSocketCloseCode(rawValue: 3500), reason: "revoked") }

    /// Asks again, off the loop, whether an account may follow what it follows: memberships and roles change.
    private func review() {
        guard let socket, principal.userID != nil, !subscriptions.isEmpty else { return }
        let bound = NIOLoopBound(self, eventLoop: socket.eventLoop)
        let (house, principal) = (house, principal)
        let topics = subscriptions.keys.filter { topic in entries.keys.allSatisfy { topic != .session($0) } }
        Task {
            for topic in topics {
                do { try await house.sessions.authorize(principal, toFollow: topic) } catch is Problem {
                    return socket.eventLoop.execute { bound.value.showOut() }
                }
            }
        }
    }

    // MARK: Commands

    private func carryOut(_ command: Command) {
        guard let socket else { return }
        isBusy = true
        let bound = NIOLoopBound(self, eventLoop: socket.eventLoop)
        let errand = CommandErrand(command: command, connection: bound, address: address)
        Task {
            await errand.run()
            socket.eventLoop.execute { bound.value.next() }
        }
    }

    private func next() {
        isBusy = false
        if !pending.isEmpty { carryOut(pending.removeFirst()) }
    }
}

extension WireConnection: WebSocketConnectionDelegate {
    func opened(_ connection: WebSocketConnection) {
        socket = connection
        shard.add(self)
        if !house.connections.opened() { connection.close(code: .tryAgainLater, reason: "too many connections") }
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        do {
            let command = try Command(text, table: house.table)
            guard isBusy else { return carryOut(command) }
            guard pending.count < Self.maxPending else {
                throw Command.Refusal(
                    id: command.id, problem: Problem(429, "busy", "Too many commands wait for their answers."))
            }
            pending.append(command)
        } catch let refusal as Command.Refusal {
            send(Envelope.error(refusal.problem, id: refusal.id, at: house.clock.now()))
        } catch {
            send(Envelope.error(.internalError, id: nil, at: house.clock.now()))
        }
    }

    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) {
        for topic in Array(subscriptions.keys) { unfollow(topic) }
        pending = []
        shard.remove(self)
        house.connections.closed()
        socket = nil
    }
}
