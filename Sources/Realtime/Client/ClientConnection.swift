import Core
import NIOCore
import Sockets

/// One client, whatever carries it: its identity, what it follows, and its commands, carried out one after the other.
///
/// Lives on the event loop of its shard; commands that wait do so in one task and come back to the loop. The wire keeps it, and
/// is kept by it from `opened(over:)` to `closed()`.
final class ClientConnection: Subscriber {
    /// How many commands may wait behind one that is being carried out.
    static let maxPending = 16
    /// Seconds between two looks at what an account may still follow.
    static let reviewInterval = 30
    /// How many topics one connection may follow, beside that of its own account.
    static let maxTopics = 64
    /// Seconds that a client may stay without saying who it is or where it wants to go.
    static let patience = 10

    private let house: WireHouse
    private let shard: HubShard
    private let address: String
    private var wire: (any ClientWire)?
    private var identity: Identity
    private(set) var subscriptions: [Topic: Subscription] = [:]
    /// Where the client stood in each live topic when it began to follow it.
    private var places: [Topic: ClientMemory.Place] = [:]
    /// The newest offset that was sent of topics that are not followed any more.
    private var newestLeft: Int64 = 0
    /// The history that all of that belongs to.
    private var epoch: String?
    /// Grants the client came in by, beside `principal`.
    private var entries: [SessionID: GrantToken] = [:]
    /// As whom others are shown it, in each session that it follows.
    private var appearances: [SessionID: PresenceMember] = [:]
    private var pending: [Command] = []
    private var isBusy = false
    /// What nobody waits for when the client is gone.
    private var errand: Task<Void, Never>?
    private var reviewing: Task<Void, Never>?
    private var allowance: ByteAllowance
    /// Not the same for all: many come in the same moment.
    private var seconds = Int.random(in: 0..<reviewInterval)
    private var aimlessSeconds = 0
    /// Whether nobody could say what the client may follow.
    private var mustReview = false
    /// What it was closed with from here.
    private var closeCode: WebSocketCloseCode?

    /// - Parameter address: the client's, for rate limits.
    init(house: WireHouse, shard: HubShard, identity: Identity, address: String) {
        self.address = address
        self.house = house
        self.shard = shard
        self.identity = identity
        allowance = ByteAllowance(at: house.clock.now())
    }

    var principal: Principal { identity.principal }

    // MARK: What the wire tells

    /// The wire can be used. Called before anything else.
    func opened(over wire: any ClientWire) {
        self.wire = wire
        shard.add(self)
        if !house.connections.opened(wire.kind) { close(.full) }
    }

    /// Counts what has come, before anybody looks at it. One that says more than it may is told so, or sent away if it goes on.
    /// - Parameter id: of the command, where it is known.
    /// - Returns: whether it is to be looked at.
    func mayReceive(_ bytes: Int, for id: JSONValue? = nil) -> Bool {
        switch allowance.take(bytes, at: house.clock.now()) {
        case .taken: return true
        case .refused(let wait): refuse(id, .tooMany(retryAfter: wait))
        case .flood: close(.flood)
        }
        return false
    }

    /// A command has come.
    /// - Parameter arrival: when that was.
    func received(_ command: Command, at arrival: Timestamp) {
        if case .clock(let time) = command.kind { return tellTime(to: command.id, time, arrival) }
        perform(command)
    }

    private func perform(_ command: Command) {
        guard isBusy else { return carryOut(command) }
        guard pending.count < Self.maxPending else {
            return refuse(command.id, Problem(429, "busy", "Too many commands wait for their answers."))
        }
        pending.append(command)
    }

    /// The wire is gone. Called once, as the last thing, and never from within a call to the wire.
    /// - Parameter code: what the wire ended with.
    func closed(_ code: WebSocketCloseCode) {
        guard let kind = wire?.kind else { return }
        for topic in Array(subscriptions.keys) { unfollow(topic) }
        pending = []
        errand?.cancel()
        reviewing?.cancel()
        shard.remove(self)
        house.connections.closed(kind, by: Ending(closeCode ?? code))
        wire = nil
    }

    // MARK: What commands do

    /// Who commands of features are carried out for.
    var caller: CommandCaller { CommandCaller(principal: principal, entries: entries, address: address) }

    /// The client is somebody, or somebody else, from here on; what it follows it may go on following only as that.
    func identify(as identity: Identity) {
        let isOther = identity.principal != principal
        if let user = principal.personID, user != identity.principal.personID { unfollow(.user(user)) }
        self.identity = identity
        if isOther { review() }
    }

    /// Begins to follow what is told to the client's account, if it is somebody who has one and does not follow it already. To be
    /// called before the first command is.
    /// - Parameter place: how far the client has heard of it.
    func followSelf(from place: TopicPlace?) {
        if principal.personID != nil, !followsSelf { perform(Command(.followSelf(place))) }
    }

    /// Whether the client is told what is told to its account.
    var followsSelf: Bool { principal.personID.map { subscriptions[.user($0)] != nil } ?? false }

    /// Others of the session are shown it as somebody else from here on.
    func appear(as member: PresenceMember, in session: SessionID) {
        guard let before = appearances[session], before != member else { return }
        house.presence.joined(session, member)
        house.presence.left(session, before)
        appearances[session] = member
    }

    /// The sessions in which others are shown it as what it has signed in as.
    var appearing: [SessionID] { appearances.keys.filter { entries[$0] == nil } }

    /// Starts to follow a topic; live events wait until `goLive`.
    /// - Parameter member: as whom others of the session are shown it; `nil`: as somebody who is only counted.
    /// - Throws: `Problem` 429 when it follows too many.
    func follow(_ topic: Topic, as member: PresenceMember? = nil) throws {
        // The client may have left while its command was being carried out.
        guard let wire else { throw CancellationError() }
        if subscriptions[topic] != nil { unfollow(topic) }
        guard topic.kind == .user || subscriptions.keys.count(where: { $0.kind != .user }) < Self.maxTopics else {
            throw Problem(429, "too_many_topics", "One connection follows at most \(Self.maxTopics) topics.")
        }
        if subscriptions.isEmpty { epoch = house.broker.epoch }
        if epoch != house.broker.epoch { epoch = nil }
        subscriptions[topic] = Subscription()
        shard.subscribe(self, to: topic)
        house.followed.followed(topic, over: wire.kind)
        // Whoever signs in as somebody else later stays bound to what let them in here.
        if case .guest(let token) = principal { remember(token) }
        guard let id = topic.session else { return }
        let member = member ?? PresenceMember(id: RandomToken.secret(bytes: 9))
        appearances[id] = member
        house.presence.joined(id, member)
    }

    func unfollow(_ topic: Topic) {
        guard let left = subscriptions.removeValue(forKey: topic) else { return }
        newestLeft = max(newestLeft, left.newest ?? 0)
        places[topic] = nil
        shard.unsubscribe(self, from: topic)
        if let wire { house.followed.left(topic, over: wire.kind) }
        if let id = topic.session, let member = appearances.removeValue(forKey: id) { house.presence.left(id, member) }
        // Of a party there is more that the same opens.
        if let id = topic.guestSession, !follows(id) { entries[id] = nil }
    }

    func remember(_ entry: GrantToken) { entries[entry.sessionID] = entry }

    /// What it came into a session by, if that still opens it.
    func entry(into session: SessionID) -> GrantToken? { entries[session].flatMap { house.holds($0) ? $0 : nil } }

    /// Whether it is told what happens in one of the topics at least.
    func isLive(in topics: [Topic]) -> Bool { topics.contains { subscriptions[$0]?.isLive ?? false } }

    /// The topics cannot be followed, though that was begun. Who was told of them before would wait for what does not come: it comes
    /// back, and recovers.
    func giveUp(_ topics: [Topic], wasLive: Bool) {
        // Not without the topics: what is left could be recovered, and the client would believe that it is everything.
        if wasLive { return close(.resync) }
        for topic in topics { unfollow(topic) }
    }

    /// Sends what was missed of topics, then what waited meanwhile, in one order; from here on they are live.
    func goLive(_ topics: [Topic], _ found: TopicRecovery.Found) {
        for topic in topics where places[topic] == nil {
            places[topic] = ClientMemory.Place(known: found.since[topic] ?? found.position, seenBefore: newest)
        }
        // What was committed a moment ago is in the histories before it has come here for those who are live.
        for topic in places.keys where !topics.contains(topic) {
            if let through = subscriptions[topic]?.newest, through < found.position { places[topic]?.lagged(through, until: found.position) }
        }
        for event in found.missed { send(event) }
        let waiting = topics.flatMap { subscriptions[$0]?.goLive(after: found.position) ?? [] }
        for event in waiting.sorted(by: { ($0.offset ?? 0) < ($1.offset ?? 0) }) { send(event) }
    }

    /// Where everything of a topic has been sent, since the client began to follow it; `nil` if that is nothing.
    func sent(of topic: Topic) -> ClosedRange<Int64>? {
        guard epoch == house.broker.epoch, let known = places[topic]?.known, let newest = subscriptions[topic]?.newest,
            known < newest
        else { return nil }
        return known + 1...newest
    }

    /// What can be told of what was found when too much has come in of the topics since then: nothing, from the newest on.
    /// - Returns: `nil` if it has not.
    func overflowed(_ topics: [Topic], _ found: TopicRecovery.Found) -> TopicRecovery.Found? {
        let newest = topics.compactMap { subscriptions[$0]?.overflow }.max()
        return newest.map { TopicRecovery.Found(position: max(found.position, $0)) }
    }

    /// The newest offset that the client was sent.
    private var newest: Int64 { subscriptions.values.compactMap(\.newest).reduce(newestLeft, max) }

    /// What the client is, for when it is lost.
    var memory: ClientMemory {
        let isSettled = subscriptions.values.allSatisfy(\.isLive)
        return ClientMemory(
            principal: principal, entries: entries, places: places, appearances: appearances, newest: newest, epoch: isSettled ? epoch : nil)
    }

    /// Starts to follow what a client followed that was lost; live events wait until `goLive`.
    func follow(_ memory: ClientMemory) throws {
        for topic in memory.places.keys { try follow(topic, as: topic.session.flatMap { memory.appearances[$0] }) }
        for entry in memory.entries.values { remember(entry) }
        (places, newestLeft) = (memory.places, memory.newest)
    }

    /// The client has got that on a connection of which nothing is known here. It says nothing about what it follows from here on, also
    /// where it is named once more.
    func hasSeen(_ offset: Int64) { newestLeft = max(newestLeft, offset) }

    /// Whether too much has come in of a topic that is not live yet.
    var hasOverflowed: Bool { subscriptions.values.contains { $0.overflow != nil } }

    func tell(_ message: DirectMessage) { wire?.tell(message) }

    func acknowledge(_ id: JSONValue, _ data: JSONValue) { wire?.acknowledge(id, data) }

    func refuse(_ id: JSONValue?, _ problem: Problem) { wire?.refuse(id, problem) }

    // MARK: Subscriber

    func deliver(_ run: TopicRun) -> Bool {
        guard let wire else { return false }
        if subscriptions[run.topic]?.receive(run, if: wire.write) ?? false { return true }
        if run.topic == .everyone { return announce(run, over: wire) }
        for event in run.events where subscriptions[run.topic]?.receive(event) ?? false { send(event) }
        return false
    }

    /// The same of what nobody follows, as everybody is told.
    private func announce(_ run: TopicRun, over wire: any ClientWire) -> Bool {
        guard wire.isReady else { return false }
        if wire.write(run) { return true }
        for event in run.events { send(event) }
        return false
    }

    private func send(_ event: HubEvent) {
        wire?.send(event)
        shard.tally.delivered(1)
    }

    var queuedBytes: Int { wire?.queuedBytes ?? 0 }

    func flush() { wire?.flush() }

    func reconsider() {
        let now = house.clock.now()
        if let end = identity.expiresAt, end <= now { return close(.expired) }
        var tokens = Array(entries.values)
        if case .guest(let token) = principal { tokens.append(token) }
        if !tokens.allSatisfy(house.holds) || house.credentials.isRevoked(principal) { return close(.revoked) }
        aimlessSeconds = principal == .anonymous && subscriptions.isEmpty ? aimlessSeconds + 1 : 0
        if aimlessSeconds >= Self.patience { return close(.stale) }
        seconds += 1
        // Guests keep what they came in by until it is taken back.
        if seconds % Self.reviewInterval == 0, mustReview || principal.userID != nil { review() }
    }

    func showOutForLoss() { close(.resync) }

    func showOut(_ eviction: Eviction) { if isMeant(by: eviction.target) { close(eviction.reason) } }

    private func isMeant(by target: Eviction.Target) -> Bool {
        switch target {
        case .user(let id): principal.userID == id
        case .grant(let id): principal.grantID == id || entries.values.contains { $0.grantID == id }
        case .address(let wanted): IPAddress(address)?.unmapped == wanted
        case .member(let id, let session): principal.userID == id && follows(session)
        case .session(let id): follows(id)
        }
    }

    private func follows(_ id: SessionID) -> Bool { Topic.all(of: id).contains { subscriptions[$0] != nil } }

    func close(_ reason: CloseReason) {
        closeCode = closeCode ?? reason.code
        wire?.close(reason)
    }

    /// Asks again, off the loop, whether the client may follow what it follows: memberships and roles change.
    private func review() {
        mustReview = false
        guard wire != nil, !subscriptions.isEmpty else { return }
        let bound = NIOLoopBound(self, eventLoop: shard.eventLoop)
        let (house, principal) = (house, principal)
        let topics = subscriptions.keys.filter { topic in topic.guestSession.map { entries[$0] == nil } ?? true }
        reviewing?.cancel()
        reviewing = Task {
            for topic in topics {
                do { try await house.authorize(principal, toFollow: topic) } catch is Problem {
                    return bound.eventLoop.execute { bound.value.refused(topic, to: principal) }
                } catch {
                    return bound.eventLoop.execute { bound.value.mustReview = true }
                }
            }
        }
    }

    /// Somebody may not follow a topic, as was found out meanwhile.
    private func refused(_ topic: Topic, to asked: Principal) {
        if asked == principal, subscriptions[topic] != nil { close(.revoked) }
    }

    // MARK: Commands

    /// Four times make a clock: the client's when it asked and when it was answered, and between them both of here.
    private func tellTime(to id: JSONValue?, _ asked: JSONValue, _ arrival: Timestamp) {
        guard let id else { return }
        acknowledge(id, ["t0": asked, "t1": .integer(arrival.milliseconds), "t2": .integer(house.clock.now().milliseconds)])
    }

    private func carryOut(_ command: Command) {
        guard wire != nil else { return }
        isBusy = true
        let bound = NIOLoopBound(self, eventLoop: shard.eventLoop)
        let errand = CommandErrand(command: command, connection: bound, house: house, address: address)
        let task = Task {
            await errand.run()
            bound.eventLoop.execute { bound.value.next() }
        }
        // What features do is done, whether somebody hears of it or not.
        if case .feature = command.kind { self.errand = nil } else { self.errand = task }
    }

    private func next() {
        isBusy = false
        errand = nil
        if !pending.isEmpty { carryOut(pending.removeFirst()) }
    }
}

extension Principal {
    /// What a guest or a script came in by.
    fileprivate var grantID: GrantID? {
        switch self {
        case .guest(let token): token.grantID
        case .key(let id, _, _, _): id
        case .anonymous, .user: nil
        }
    }
}
