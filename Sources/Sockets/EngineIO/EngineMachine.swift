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
    }

    enum Action: Equatable {
        case deliverText(ByteBuffer)
        case deliverBinary(ByteBuffer)
        /// Answer the poll in hand with this body.
        case answerPoll(ByteBuffer)
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
        /// The actions come first.
        case refused(EngineRefusal, [Action] = [])
    }

    enum State {
        /// Packets flow. Goes to both others.
        case open
        /// The session ended, but a poll is owed this body. Goes to `ended`.
        case farewell(ByteBuffer)
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
    var isPollPending = false
    var isPosting = false
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
        queue = OutboundQueue(maxBytes: configuration.maxQueuedBytes, maxKeys: configuration.maxLatestKeys)
        heartbeat = EngineHeartbeat(interval: configuration.pingInterval, timeout: configuration.pingTimeout, at: now)
        budget = MessageBudget(perSecond: configuration.packetsPerSecond, burst: configuration.packetBurst)
    }

    // MARK: Time

    func opened() -> [Action] { [.schedule(.heartbeat, at: heartbeat.due)] }

    mutating func timerFired(_ timer: Timer, at now: NIODeadline) -> [Action] {
        switch timer {
        case .heartbeat: heartbeatDue(at: now)
        case .upgrade: dropCandidate()
        case .farewell: sayFarewell() == nil ? [] : [.forget]
        }
    }

    private mutating func heartbeatDue(at now: NIODeadline) -> [Action] {
        guard isOpen else { return [] }
        guard !heartbeat.isAwaitingPong else { return heartbeat.isOver(at: now) ? end(.pingTimeout) : [] }
        heartbeat.pinged(at: now)
        return send(.ping) + (isOpen ? [.schedule(.heartbeat, at: heartbeat.due)] : [])
    }

    // A request may be read before the timer that is due.
    mutating func expire(at now: NIODeadline) -> [Action] {
        isOpen && heartbeat.isOver(at: now) ? end(.pingTimeout) : []
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
        let answer = Action.answerPoll(EnginePayload.join(takeQueue()))
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
        return end(.server(code, reason), last: EnginePayload.join(takeQueue() + [.close]))
    }

    mutating func takeQueue() -> [EngineFrame] {
        var frames: [EngineFrame] = []
        while let frame = queue.popFirst() { frames.append(EngineFrame(webSocket: frame)) }
        return frames
    }

    mutating func answerPoll() -> [Action] {
        guard isPollPending, !queue.isEmpty else { return [] }
        isPollPending = false
        return [.answerPoll(EnginePayload.join(takeQueue()))]
    }

    // MARK: Packets and the end

    mutating func received(_ packet: EnginePacket, at now: NIODeadline) -> [Action] {
        switch packet {
        case .text(let text): [.deliverText(text)]
        case .binary(let binary): [.deliverBinary(binary)]
        case .pong: heartbeat.answered(at: now) ? [.schedule(.heartbeat, at: heartbeat.due)] : []
        case .close: end(.client, last: EngineFrame.noop.piece)
        case .ping: end(.malformed)
        case .open, .upgrade, .noop: []
        }
    }

    /// - Parameter last: what a poll is owed, be it here already or still on its way.
    mutating func end(_ reason: EngineCloseReason, last: ByteBuffer? = nil) -> [Action] {
        var actions: [Action] = [.cancel(.heartbeat)]
        if isPollPending {
            isPollPending = false
            actions.append(.answerPoll(last ?? EngineFrame.close.piece))
        } else if let last, carrier == .polling {
            state = .farewell(last)
        }
        if isOpen { state = .ended }
        if case .webSocket(let socket) = carrier { actions.append(.close(socket, reason)) }
        actions += dropCandidate()
        queue.removeAll()
        return actions + depart() + [.reportClosed(reason)]
    }

    private func depart() -> [Action] {
        guard case .farewell = state else { return [.forget] }
        return [.start(.farewell, after: configuration.farewellTimeout)]
    }
}
