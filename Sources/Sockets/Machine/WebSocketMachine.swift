import NIOCore
import NIOWebSocket

/// The server's side of an open WebSocket (RFC 6455 sections 5 to 7) as a value: methods are events, results are what to do.
struct WebSocketMachine {
    enum Timer: CaseIterable {
        /// Time for the next ping.
        case ping
        /// The peer should have been heard by then.
        case pong
        /// The closing handshake should be over by then.
        case close
        /// The peer's message debt is paid: read again.
        case resume
    }

    enum Action: Equatable {
        case deliver(WebSocketMessage)
        /// Write these bytes ahead of the queue: a ping or pong.
        case write(ByteBuffer)
        /// Write this Close frame, instead of what is queued or after it; then nothing more is written.
        case writeClose(ByteBuffer, discardingQueue: Bool)
        case start(Timer, after: TimeAmount)
        case cancel(Timer)
        case pauseReading
        case resumeReading
        /// Close our half of the transport once everything is written, and wait for the peer's half: closing both at once would
        /// make the kernel send a reset that can overtake the Close frame (RFC 6455 section 7.1.1).
        case shutdownOutput
        case closeTransport
        /// Tell the owner, once, that nothing will be delivered or sent any more.
        case reportClosed(WebSocketCloseCode)
    }

    private enum State {
        /// Messages flow. Goes to all others.
        case open
        /// Our Close is sent, the peer's is awaited. Goes to `lingering` or `closed`.
        case closing
        /// Our Close is sent and the peer's came or is not waited for; only the transport's end is awaited. Goes to `closed`.
        case lingering
        /// The transport is gone.
        case closed
    }

    private let configuration: WebSocketConfiguration
    private var state = State.open
    private var assembler: MessageAssembler
    private var budget: MessageBudget
    private var awaitingPong = false
    private var isPaused = false
    /// The last unanswered ping: only that one has to be answered (RFC 6455 section 5.5.3).
    private var pendingPong: ByteBuffer?

    /// Whether messages are delivered and may be sent.
    var isOpen: Bool { state == .open }
    /// Bytes of the unfinished inbound message.
    var heldBytes: Int { assembler.heldBytes }

    init(configuration: WebSocketConfiguration) {
        self.configuration = configuration
        assembler = MessageAssembler(maxBytes: configuration.maxMessageBytes, maxFragments: configuration.maxFragments)
        budget = MessageBudget(perSecond: configuration.messagesPerSecond, burst: configuration.messageBurst)
    }

    // MARK: Events

    func opened() -> [Action] { [.start(.ping, after: configuration.pingInterval)] }

    mutating func frameReceived(_ frame: WebSocketFrame, at now: NIODeadline) -> [Action] {
        switch state {
        case .open:
            do throws(WebSocketViolation) { return try receive(frame, at: now) } catch { return failed(error) }
        case .closing:
            return frame.opcode == .connectionClose ? linger() : []
        case .lingering, .closed:
            return []
        }
    }

    /// All that was read at once has been handed over. Bytes of an unfinished frame count as a sign of life too: a peer cannot
    /// send a pong in the middle of a frame.
    mutating func readCompleted(at now: NIODeadline, isWritable: Bool) -> [Action] {
        guard isOpen else { return [] }
        var actions: [Action] = awaitingPong ? [.cancel(.pong)] : []
        awaitingPong = false
        if let pause = budget.pause(at: now), !isPaused {
            isPaused = true
            actions += [.pauseReading, .start(.resume, after: pause)]
        }
        return isWritable ? actions + takePong() : actions
    }

    /// The transport takes bytes again.
    mutating func becameWritable() -> [Action] { isOpen ? takePong() : [] }

    mutating func timerFired(_ timer: Timer) -> [Action] {
        switch timer {
        case .ping: pingDue()
        case .pong: pongOverdue()
        case .close: state == .closed ? [] : [.closeTransport]
        case .resume: resume()
        }
    }

    /// The owner closes: what is queued goes out first.
    mutating func closeRequested(_ content: CloseContent) -> [Action] {
        guard isOpen else { return [] }
        return leave(to: .closing, answering: content, reporting: content.code ?? .noStatus, discardingQueue: false)
    }

    /// Something went wrong that ends the connection: the peer's fault, or bytes that cannot be decoded any further.
    mutating func failed(_ violation: WebSocketViolation) -> [Action] {
        switch state {
        case .open: fail(CloseContent(code: violation.code, reason: violation.reason), reporting: violation.code)
        case .closing: linger()
        case .lingering, .closed: []
        }
    }

    mutating func transportClosed() -> [Action] {
        defer { state = .closed }
        let report: [Action] = isOpen ? [.reportClosed(.abnormal)] : []
        return state == .closed ? [] : Timer.allCases.map { .cancel($0) } + report
    }

    // MARK: Frames

    private mutating func receive(_ frame: WebSocketFrame, at now: NIODeadline) throws(WebSocketViolation) -> [Action] {
        try Self.check(frame)
        // Fragments are bounded per message, so that the frame that ends something is the one to count.
        if frame.fin, !budget.charge(at: now) { throw WebSocketViolation(.tooManyRequests, "too many requests") }
        let payload = frame.unmaskedData
        switch frame.opcode {
        case .connectionClose:
            return try peerClosed(payload)
        case .ping:
            pendingPong = payload
            return []
        case .pong:
            return []
        default:
            return try assembler.append(frame.opcode, fin: frame.fin, payload).map { [.deliver($0)] } ?? []
        }
    }

    private static func check(_ frame: WebSocketFrame) throws(WebSocketViolation) {
        guard frame.maskKey != nil else { throw WebSocketViolation(.protocolError, "frame is not masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            throw WebSocketViolation(.protocolError, "reserved bit without an extension")
        }
        switch frame.opcode {
        case .continuation, .text, .binary: return
        case .connectionClose, .ping, .pong:
            guard frame.fin else { throw WebSocketViolation(.protocolError, "fragmented control frame") }
            guard frame.length <= 125 else { throw WebSocketViolation(.protocolError, "control frame too long") }
        default: throw WebSocketViolation(.protocolError, "unknown opcode")
        }
    }

    private mutating func peerClosed(_ payload: ByteBuffer) throws(WebSocketViolation) -> [Action] {
        let content = try CloseContent(payload: payload)
        return fail(CloseContent(code: content.code), reporting: content.code ?? .noStatus)
    }

    // MARK: Liveness and pace

    private mutating func pingDue() -> [Action] {
        guard isOpen else { return [] }
        let next: [Action] = [.write(WebSocketFrames.ping()), .start(.ping, after: configuration.pingInterval)]
        guard !awaitingPong else { return next }
        awaitingPong = true
        return next + [.start(.pong, after: configuration.pongTimeout)]
    }

    private mutating func pongOverdue() -> [Action] {
        guard isOpen, awaitingPong else { return [] }
        // While we do not read, silence says nothing about the peer.
        if isPaused { return [.start(.pong, after: configuration.pongTimeout)] }
        return failed(WebSocketViolation(.noPong, "no pong"))
    }

    private mutating func resume() -> [Action] {
        guard isPaused else { return [] }
        isPaused = false
        return [.resumeReading]
    }

    private mutating func takePong() -> [Action] {
        pendingPong.take().map { [.write(WebSocketFrames.pong($0))] } ?? []
    }

    // MARK: Closing

    private mutating func fail(_ content: CloseContent, reporting code: WebSocketCloseCode) -> [Action] {
        leave(to: .lingering, answering: content, reporting: code, discardingQueue: true) + [.shutdownOutput]
    }

    private mutating func linger() -> [Action] {
        state = .lingering
        return [.shutdownOutput]
    }

    private mutating func leave(
        to next: State, answering content: CloseContent, reporting code: WebSocketCloseCode, discardingQueue: Bool
    ) -> [Action] {
        state = next
        pendingPong = nil
        assembler = MessageAssembler(maxBytes: 0, maxFragments: 0)
        return [
            .writeClose(WebSocketFrames.close(content), discardingQueue: discardingQueue),
            .cancel(.ping), .cancel(.pong), .cancel(.resume),
            .start(.close, after: configuration.closeTimeout),
        ] + resume() + [.reportClosed(code)]
    }
}
