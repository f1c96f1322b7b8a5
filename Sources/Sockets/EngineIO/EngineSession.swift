import NIOCore

/// A session of Engine.IO as its owner sees it: messages in both directions, over polling or a WebSocket.
///
/// It lives on the event loop on which it was opened, and everything has to be called there. A client that upgrades may come in
/// on another one; what it sends and is sent then hops once. After the end, calls do nothing.
public final class EngineSession {
    typealias Machine = EngineMachine<WebSocketConnection>

    private struct Request {
        var exchange: EngineExchange
        var promise: EventLoopPromise<EngineResponse>
        /// Whether the body was taken, and only the answer waits.
        var isTaken = false
    }

    /// 128 random bits. Whoever knows it can poll: not for logs.
    public let id: String
    /// Where the session lives.
    public let eventLoop: any EventLoop
    private let registry: EngineRegistry
    private var machine: Machine
    /// Released when it has been told of the end.
    private var delegate: (any EngineSessionDelegate)?
    private var poll: Request?
    private var post: Request?
    private var timers: [Machine.Timer: LoopTimer] = [:]
    private var isTurnEndScheduled = false
    /// The owner closed: what was read at the same time is not delivered any more.
    private var isMuted = false

    init(
        id: String, configuration: EngineConfiguration, carrier: Machine.Carrier, registry: EngineRegistry,
        on eventLoop: any EventLoop
    ) {
        self.id = id
        self.eventLoop = eventLoop
        self.registry = registry
        machine = Machine(configuration: configuration, carrier: carrier, at: eventLoop.now)
    }

    func open(_ delegate: any EngineSessionDelegate) {
        self.delegate = delegate
        run(machine.opened())
        delegate.opened(self)
    }

    /// Whether messages are delivered and may be sent.
    public var isOpen: Bool { machine.isOpen }

    /// What waits for the client to read, counted as for the limit; on a WebSocket of another event loop it is not known: 0.
    public var queuedBytes: Int {
        guard let socket = machine.openSocket else { return machine.queuedBytes }
        return socket.eventLoop.inEventLoop ? socket.queuedBytes : 0
    }

    /// Whether the client has a WebSocket, be it from the beginning or after an upgrade.
    public var isWebSocket: Bool { machine.openSocket != nil }

    /// Sends a frame that must arrive, without copying it. Without room for it the session ends.
    public func send(_ frame: EngineFrame) {
        if let socket = machine.openSocket { socket.transmit(frame) } else { run(machine.send(frame)) }
    }

    /// Sends a frame of which only the latest of its key matters: while the client cannot take it, a later one replaces it.
    public func sendLatest(key: String, _ frame: EngineFrame) { run(machine.sendLatest(key: key, frame)) }

    /// Writes messages that leave together, if the client has a WebSocket on this event loop which takes them, see
    /// `WebSocketConnection.write`. The caller has to `flush()` in the same turn of the event loop.
    /// - Returns: whether they were written; if not, each is to be sent by itself.
    public func write(_ run: PreparedRun) -> Bool { socketHere?.write(run) ?? false }

    /// Sends what was written.
    public func flush() { socketHere?.flush() }

    private var socketHere: WebSocketConnection? { machine.openSocket.flatMap { $0.eventLoop.inEventLoop ? $0 : nil } }

    /// Ends the session, after what is queued has been sent.
    /// - Parameter reason: A client on a WebSocket sees code and reason, another only the end.
    public func close(code: WebSocketCloseCode, reason: String = "") {
        isMuted = true
        run(machine.closeRequested(code, reason))
    }

    // MARK: Polling

    func poll(_ exchange: EngineExchange, _ promise: EventLoopPromise<EngineResponse>) {
        let verdict = machine.pollArrived(at: eventLoop.now)
        if case .taken = verdict { poll = Request(exchange: exchange, promise: promise) }
        settle(verdict, promise)
    }

    func beginPost(_ exchange: EngineExchange, _ promise: EventLoopPromise<EngineResponse>) {
        let verdict = machine.postBegan(at: eventLoop.now)
        if case .taken = verdict { post = Request(exchange: exchange, promise: promise) }
        settle(verdict, promise)
    }

    func finishPost(_ exchange: EngineExchange, _ body: ByteBuffer) {
        guard post?.exchange === exchange, post?.isTaken == false, let promise = post?.promise else { return }
        let verdict = machine.posted(body, at: eventLoop.now)
        if case .held = verdict { post?.isTaken = true } else { post = nil }
        settle(verdict, promise)
        if case .taken = verdict { promise.succeed(.posted) }
    }

    /// The client went away, or did not send what it began to.
    func abort(_ exchange: EngineExchange) {
        if poll?.exchange === exchange, let promise = poll.take()?.promise {
            promise.succeed(EngineRefusal.badRequest.response)
            run(machine.pollAborted())
        }
        if post?.exchange === exchange, let promise = post.take()?.promise {
            promise.succeed(EngineRefusal.badRequest.response)
            run(machine.postAborted())
        }
    }

    private func settle(_ verdict: Machine.Verdict, _ promise: EventLoopPromise<EngineResponse>) {
        switch verdict {
        case .taken(let actions), .held(let actions):
            run(actions)
        case .refused(let refusal, let actions):
            run(actions)
            promise.succeed(refusal.response)
        }
    }

    // MARK: WebSockets

    func arrived(_ socket: WebSocketConnection) { run(machine.socketArrived(socket, at: eventLoop.now)) }

    func received(text: ByteBuffer, on socket: WebSocketConnection) {
        run(machine.textReceived(text, on: socket, at: eventLoop.now))
    }

    func received(binary: ByteBuffer, on socket: WebSocketConnection) {
        run(machine.binaryReceived(binary, on: socket, at: eventLoop.now))
    }

    func closed(_ socket: WebSocketConnection, code: WebSocketCloseCode) {
        run(machine.socketClosed(socket, code: code))
    }

    // MARK: Effects

    private func run(_ actions: [Machine.Action]) {
        for action in actions { run(action) }
    }

    private func run(_ action: Machine.Action) {
        switch action {
        case .deliverText(let text): if !isMuted { delegate?.received(text: text, on: self) }
        case .deliverBinary(let binary): if !isMuted { delegate?.received(binary: binary, on: self) }
        case .answerPoll(let body): poll.take()?.promise.succeed(EngineResponse(body: body))
        case .answerPost: post.take()?.promise.succeed(.posted)
        case .awaitTurnEnd: scheduleTurnEnd()
        case .send(let frame, let socket): socket.transmit(frame)
        case .sendLatest(let key, let frame, let socket): socket.transmitLatest(key: key, frame)
        case .close(let socket, let reason): socket.close(for: reason)
        case .schedule(let timer, let deadline): start(timer, at: deadline)
        case .start(let timer, let amount): start(timer, at: eventLoop.now + amount)
        case .cancel(let timer): timers.removeValue(forKey: timer)?.cancel()
        case .reportClosed(let reason): reportClosed(reason)
        case .forget: registry.remove(id)
        }
    }

    private func start(_ timer: Machine.Timer, at deadline: NIODeadline) {
        timers[timer]?.cancel()
        timers[timer] = LoopTimer(at: deadline, on: eventLoop) { [weak self] in
            guard let self else { return }
            run(machine.timerFired(timer, at: eventLoop.now))
        }
    }

    private func scheduleTurnEnd() {
        guard !isTurnEndScheduled else { return }
        isTurnEndScheduled = true
        eventLoop.assumeIsolated().execute {
            self.isTurnEndScheduled = false
            self.run(self.machine.turnEnded())
        }
    }

    private func reportClosed(_ reason: EngineCloseReason) {
        post.take()?.promise.succeed(EngineRefusal.unknownSession.response)
        eventLoop.assumeIsolated().execute {
            self.delegate?.closed(self, reason: reason)
            self.delegate = nil
        }
    }
}

@available(*, unavailable)
extension EngineSession: Sendable {}
