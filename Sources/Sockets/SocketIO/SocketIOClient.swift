import NIOCore

/// A client that speaks Socket.IO protocol 5 over a session of Engine.IO, as its owner sees it.
///
/// Everything has to be called on `eventLoop`. After the end, calls do nothing.
public final class SocketIOClient {
    /// What came of an event that wanted an answer.
    public typealias Answer = Result<SocketAcknowledgement, SocketAckFailure>

    /// The session; it may be sent to and closed directly.
    public let session: EngineSession
    private var machine: SocketMachine
    /// Released when it has been told of the end.
    private var owner: (any SocketIODelegate)?
    private var answers: [UInt64: (Answer) -> Void] = [:]
    private var timers: [SocketMachine.Timer: LoopTimer] = [:]

    /// To be given to an `EngineServer` as the session's delegate.
    public init(session: EngineSession, configuration: SocketConfiguration, owner: any SocketIODelegate) {
        self.session = session
        self.owner = owner
        machine = SocketMachine(configuration: configuration)
    }

    /// Where the client lives.
    public var eventLoop: any EventLoop { session.eventLoop }

    /// The namespaces that the client is in.
    public var joined: [String] { machine.joined }

    // MARK: Namespaces

    /// Lets the client into a namespace that it asked for. What it is sent afterwards arrives after this.
    /// - Parameters:
    ///   - id: what the client calls itself from now on.
    ///   - pid: a secret by which it may recover what it misses; without one it never asks to.
    public func accept(_ namespace: String, id: String, pid: String? = nil) {
        run(machine.accepted(namespace, id: id, pid: pid))
    }

    /// Refuses a namespace that the client asked for. It may ask again.
    /// - Parameter data: for the client's own use.
    public func refuse(_ namespace: String, message: String, data: JSONText? = nil) {
        run(machine.refused(namespace, message: message, data: data))
    }

    /// Sends the client out of a namespace. Stock clients do not come back by themselves after this.
    public func disconnect(_ namespace: String) { run(machine.disconnected(namespace)) }

    /// Ends the session, after what is queued has been sent.
    /// - Parameter code: from 3500 on the client is sent out of its namespaces first, so that it does not come back by itself.
    public func close(code: WebSocketCloseCode, reason: String = "") {
        if code.isFinal { for namespace in joined { disconnect(namespace) } }
        session.close(code: code, reason: reason)
    }

    // MARK: Sending

    /// Sends a message, encoded for any number of clients, that must arrive. The client has to be in its namespace.
    public func send(_ message: SocketMessage) {
        session.send(message.text)
        for attachment in message.attachments { session.send(attachment) }
    }

    /// Sends a message of which only the latest of its key matters. One with attachments is sent like any other.
    public func sendLatest(key: String, _ message: SocketMessage) {
        if message.attachments.isEmpty { session.sendLatest(key: key, message.text) } else { send(message) }
    }

    /// Sends an event and waits for the client's answer.
    /// - Parameter onAnswer: called once, on the event loop, and at once if the event is refused.
    public func emit(
        _ name: String, _ arguments: [JSONText] = [], attachments: [ByteBuffer] = [], namespace: String = "/",
        onAnswer: @escaping (Answer) -> Void
    ) {
        guard session.isOpen, let (id, actions) = machine.awaitAnswer(in: namespace, at: eventLoop.now) else {
            return onAnswer(.failure(.refused))
        }
        answers[id] = onAnswer
        run(actions)
        send(.event(name, arguments, attachments: attachments, namespace: namespace, offset: nil, id: id))
    }

    /// Answers an event that wants it; an event is answered once.
    public func acknowledge(_ event: SocketEvent, _ arguments: [JSONText] = [], attachments: [ByteBuffer] = []) {
        guard let id = event.ackID, machine.takeOwed(event.namespace, id) else { return }
        send(.acknowledgement(of: id, arguments, attachments: attachments, namespace: event.namespace))
    }

    // MARK: Effects

    private func run(_ actions: [SocketMachine.Action]) {
        for action in actions { run(action) }
    }

    private func run(_ action: SocketMachine.Action) {
        switch action {
        case .ask(let namespace, let auth): owner?.connecting(to: namespace, auth: auth, on: self)
        case .deliver(let event): owner?.received(event, on: self)
        case .settle(let id, let answer): answers.removeValue(forKey: id)?(answer)
        case .reportLeft(let namespace, let reason): owner?.left(namespace, reason: reason, on: self)
        case .send(let message): send(message)
        case .close(let code, let reason): session.close(code: code, reason: reason)
        case .start(let timer, let amount): start(timer, after: amount)
        case .cancel(let timer): timers.removeValue(forKey: timer)?.cancel()
        }
    }

    private func start(_ timer: SocketMachine.Timer, after amount: TimeAmount) {
        timers[timer]?.cancel()
        timers[timer] = LoopTimer(at: eventLoop.now + amount, on: eventLoop) { [weak self] in
            guard let self else { return }
            run(machine.timerFired(timer, at: eventLoop.now))
        }
    }
}

extension SocketIOClient: EngineSessionDelegate {
    public func opened(_ session: EngineSession) { run(machine.opened()) }

    public func received(text: ByteBuffer, on session: EngineSession) {
        run(machine.received(text: text, at: eventLoop.now))
    }

    public func received(binary: ByteBuffer, on session: EngineSession) {
        run(machine.received(binary: binary, at: eventLoop.now))
    }

    public func closed(_ session: EngineSession, reason: EngineCloseReason) {
        run(machine.closed(reason))
        owner?.closed(self, reason: reason)
        owner = nil
    }
}

@available(*, unavailable)
extension SocketIOClient: Sendable {}
