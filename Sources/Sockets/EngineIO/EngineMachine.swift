import NIOCore

/// The server's side of one Engine.IO session as a value: methods are events, results are what to do.
///
/// A socket is whatever the owner tells its WebSockets apart by.
struct EngineMachine<Socket: Equatable> {
    enum Timer: CaseIterable {
        /// Time for a ping, or the pong should be there.
        case heartbeat
        /// The client should have switched to its second transport by then.
        case upgrade
        /// Nobody fetched the last packets.
        case farewell
        /// The client should have asked for packets by then, or switched to a WebSocket.
        case firstPoll
        /// The client has waited long enough for having sent so much: its post is answered.
        case post
    }

    enum Action: Equatable {
        case deliverText(ByteBuffer)
        case deliverBinary(ByteBuffer)
        /// Answer the poll in hand with this body.
        case answerPoll(ByteBuffer)
        /// Answer the post in hand: it was taken.
        case answerPost
        /// Call `turnEnded` when this turn of the event loop is over.
        case awaitTurnEnd
        case send(EngineFrame, on: Socket)
        case sendLatest(key: String, EngineFrame, on: Socket)
        case close(Socket, EngineCloseReason)
        case schedule(Timer, at: NIODeadline)
        case start(Timer, after: TimeAmount)
        case cancel(Timer)
        /// Tell the owner, once, that nothing will be delivered or sent any more.
        case reportClosed(EngineCloseReason)
        /// No request finds the session any more.
        case forget
    }

    /// What becomes of an HTTP request.
    enum Verdict: Equatable {
        case taken([Action])
        /// A post that was taken, but is answered later, by `answerPost`: until then the client sends nothing more.
        case held([Action])
        /// The actions come first.
        case refused(EngineRefusal, [Action] = [])
    }

    enum State {
        /// Packets flow. Goes to both others.
        case open
        /// The session ended, but what is queued is owed to polls, or to the WebSocket that the client is about to switch to.
        /// Goes to `ended`.
        case farewell(EngineCloseReason)
        case ended
    }

    enum Carrier: Equatable {
        case polling
        case webSocket(Socket)
    }

    struct Candidate {
        var socket: Socket
        var isProbed = false
    }

    let configuration: EngineConfiguration
    var state = State.open
    var carrier: Carrier
    /// A WebSocket that may take over from polling.
    var candidate: Candidate?
    /// Whether the client has neither polled nor switched to a WebSocket since the session was opened.
    var awaitsFirstPoll: Bool
    var isPollPending = false
    var isPosting = false
    /// Whether the post in hand was taken, and its answer waits: the client cannot send a pong meanwhile.
    var isPostHeld = false
    /// What waits for a poll; unused on a WebSocket, which has its own.
    private var queue: OutboundQueue
    var heartbeat: EngineHeartbeat
    var budget: MessageBudget

    /// Whether messages are delivered and may be sent.
    var isOpen: Bool { if case .open = state { true } else { false } }
    /// What waits for a poll, counted as for the limit.
    var queuedBytes: Int { queue.byteCount }
    /// The WebSocket that carries an open session.
    var openSocket: Socket? { if isOpen, case .webSocket(let socket) = carrier { socket } else { nil } }

    init(configuration: EngineConfiguration, carrier: Carrier, at now: NIODeadline) {
        self.configuration = configuration
        self.carrier = carrier
        awaitsFirstPoll = carrier == .polling
        queue = OutboundQueue(
            maxBytes: configuration.maxQueuedBytes, maxKeys: configuration.maxLatestKeys, tally: configuration.tally)
        heartbeat = EngineHeartbeat(interval: configuration.pingInterval, timeout: configuration.pingTimeout, at: now)
        budget = MessageBudget(perSecond: configuration.packetsPerSecond, burst: configuration.packetBurst)
    }

    // MARK: Time

    func opened() -> [Action] {
        [.schedule(.heartbeat, at: heartbeat.due)] + (awaitsFirstPoll ? [.start(.firstPoll, after: configuration.firstPollTimeout)] : [])
    }

    mutating func timerFired(_ timer: Timer, at now: NIODeadline) -> [Action] {
        switch timer {
        case .heartbeat: heartbeatDue(at: now)
        case .upgrade: dropCandidate()
        case .farewell: forgetFarewell()
        case .firstPoll: isOpen && awaitsFirstPoll ? end(.polling) : []
        case .post: releasePost(at: now)
        }
    }

    private mutating func heartbeatDue(at now: NIODeadline) -> [Action] {
        guard isOpen else { return [] }
        guard !heartbeat.isAwaitingPong else {
            if isPostHeld { heartbeat.heard(at: now) }
            return heartbeat.isOver(at: now) ? end(.pingTimeout) : [.schedule(.heartbeat, at: heartbeat.due)]
        }
        heartbeat.pinged(at: now)
        return send(.ping) + (isOpen ? [.schedule(.heartbeat, at: heartbeat.due)] : [])
    }

    // A request may be read before the timer that is due.
    mutating func expire(at now: NIODeadline) -> [Action] {
        isOpen && heartbeat.isOver(at: now) && !isPostHeld ? end(.pingTimeout) : []
    }

    // MARK: Sending

    /// Sends a frame that must arrive; without room for it the session ends.
    mutating func send(_ frame: EngineFrame) -> [Action] {
        guard isOpen else { return [] }
        if case .webSocket(let socket) = carrier { return [.send(frame, on: socket)] }
        if queue.append(frame.webSocket) { return isPollPending ? [.awaitTurnEnd] : [] }
        guard isPollPending else { return end(.slow) }
        isPollPending = false
        guard !queue.isEmpty else { return [.answerPoll(frame.piece)] }
        let answer = Action.answerPoll(EnginePayload.join(takeQueue(atMost: Self.maxPolledPackets)))
        return [answer] + (queue.append(frame.webSocket) ? [] : end(.slow))
    }

    /// Sends a frame of which only the latest matters.
    mutating func sendLatest(key: String, _ frame: EngineFrame) -> [Action] {
        guard isOpen else { return [] }
        if case .webSocket(let socket) = carrier { return [.sendLatest(key: key, frame, on: socket)] }
        queue.replaceLatest(key: key, frame.webSocket)
        return isPollPending ? [.awaitTurnEnd] : []
    }

    /// Nothing more is sent in this turn of the event loop.
    mutating func turnEnded() -> [Action] { answerPoll() }

    /// The owner closes: what is queued goes out first.
    mutating func closeRequested(_ code: WebSocketCloseCode, _ reason: String) -> [Action] {
        guard isOpen else { return [] }
        return end(.server(code, reason), farewell: .close)
    }

    /// python-engineio gives up on a polling body with more packets.
    static var maxPolledPackets: Int { 16 }

    mutating func takeQueue(atMost limit: Int = .max) -> [EngineFrame] {
        var frames: [EngineFrame] = []
        while frames.count < limit, let frame = queue.popFirst() { frames.append(EngineFrame(webSocket: frame)) }
        return frames
    }

    mutating func answerPoll() -> [Action] {
        guard isPollPending, !queue.isEmpty else { return [] }
        isPollPending = false
        return [.answerPoll(EnginePayload.join(takeQueue(atMost: Self.maxPolledPackets)))]
    }

    // MARK: Packets and the end

    mutating func received(_ packet: EnginePacket, at now: NIODeadline) -> [Action] {
        heartbeat.heard(at: now)
        return switch packet {
        case .text(let text): [.deliverText(text)]
        case .binary(let binary): [.deliverBinary(binary)]
        case .pong: heartbeat.answered(at: now) ? [.schedule(.heartbeat, at: heartbeat.due)] : []
        case .close: closedByClient()
        case .ping: end(.malformed)
        case .open, .upgrade, .noop: []
        }
    }

    private mutating func closedByClient() -> [Action] {
        queue.removeAll()
        return end(.client, farewell: .noop)
    }

    /// - Parameter farewell: what polls are owed behind what is queued, be they here already or still on their way.
    mutating func end(_ reason: EngineCloseReason, farewell: EngineFrame? = nil) -> [Action] {
        var actions: [Action] = [.cancel(.heartbeat)] + answerHeldPost()
        if carrier == .polling, let farewell {
            queue.appendLast(farewell.webSocket)
        } else {
            queue.removeAll()
            // A poll without an answer would be a failure to the client, not an end.
            if isPollPending { queue.appendLast(EngineFrame.close.webSocket) }
        }
        actions += answerPoll()
        state = queue.isEmpty ? .ended : .farewell(reason)
        if case .webSocket(let socket) = carrier { actions.append(.close(socket, reason)) }
        actions += keepsCandidate ? [.cancel(.upgrade)] : dropCandidate(for: reason)
        actions.append(queue.isEmpty ? .forget : .start(.farewell, after: configuration.farewellTimeout))
        return actions + [.reportClosed(reason)]
    }

    // A client that was told to go on with its WebSocket polls no more: it gets there what is owed.
    private var keepsCandidate: Bool {
        if case .farewell(.server) = state { candidate?.isProbed == true } else { false }
    }

    /// A poll after the end: what is still owed, if anything is.
    mutating func sayFarewell() -> [Action] {
        guard case .farewell(let reason) = state else { return [] }
        isPollPending = true
        let answer = answerPoll()
        guard queue.isEmpty else { return answer }
        state = .ended
        return answer + dropCandidate(for: reason) + [.cancel(.farewell), .forget]
    }

    /// The client switches after the end: what is still owed goes to its WebSocket, whose own end takes the place of the last packet.
    mutating func sayFarewell(on socket: Socket) -> [Action] {
        guard case .farewell(let reason) = state else { return [] }
        candidate = nil
        state = .ended
        let owed = takeQueue().filter { $0 != .close }
        return owed.map { .send($0, on: socket) } + [.close(socket, reason), .cancel(.farewell), .forget]
    }

    private mutating func forgetFarewell() -> [Action] {
        guard case .farewell(let reason) = state else { return [] }
        state = .ended
        queue.removeAll()
        return dropCandidate(for: reason) + [.forget]
    }
}
