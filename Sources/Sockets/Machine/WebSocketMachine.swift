import NIOCore

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
        /// All of these, in their order.
        case all([Action])
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

    private struct Frame {
        /// `nil` in a state in which the frame is skipped.
        var opcode: WebSocketFrames.Opcode?
        var fin: Bool
        var rest: Int
        var mask: FrameMask
    }

    private let configuration: WebSocketConfiguration
    private let isCompressed: Bool
    private var state = State.open
    private var parser = FrameHeaderParser()
    /// The frame that is coming in.
    private var frame: Frame?
    /// Payload of an unfinished control frame.
    private var control = ByteBuffer()
    private var assembler: MessageAssembler
    private var budget: MessageBudget
    /// Bytes that were inflated in this turn of the event loop.
    private var inflatedInTurn = 0
    private var awaitingPong = false
    private var isPaused = false
    /// The last ping that came while the peer did not read: only that one has to be answered then (RFC 6455 section 5.5.3).
    private var pendingPong: ByteBuffer?

    /// Whether messages are delivered and may be sent.
    var isOpen: Bool { state == .open }
    /// Bytes of the unfinished inbound message.
    var heldBytes: Int { assembler.heldBytes }

    /// - Parameter compression: What was agreed on in the handshake.
    init(configuration: WebSocketConfiguration, compression: PermessageDeflate? = nil) {
        self.configuration = configuration
        isCompressed = compression != nil
        assembler = MessageAssembler(
            maxBytes: configuration.maxMessageBytes, maxFragments: configuration.maxFragments, compression: compression)
        budget = MessageBudget(perSecond: configuration.messagesPerSecond, burst: configuration.messageBurst)
    }

    // MARK: Events

    func opened() -> [Action] { isOpen ? [.start(.ping, after: configuration.pingInterval)] : [] }

    /// A turn of the event loop begins in which bytes are taken.
    mutating func turnBegan() { inflatedInTurn = 0 }

    /// What the next of the bytes that came in lead to, or `nil` when all of them are taken, or enough for this turn: to be asked
    /// again until then.
    mutating func next(_ input: inout ByteBuffer, at now: NIODeadline, isWritable: Bool) -> Action? {
        while state == .open || state == .closing {
            if hasInflatedEnough(at: now) { return nil }
            do throws(WebSocketViolation) {
                guard try startFrame(&input, at: now), try takePayload(&input, at: now) else { return nil }
                if let action = try endFrame(isWritable: isWritable) { return action }
            } catch {
                return .all(failed(error))
            }
        }
        input.moveReaderIndex(to: input.writerIndex)
        return nil
    }

    /// Bytes are left for a later turn: when others have had theirs, and the peer has paid for what it sent.
    mutating func yielded(at now: NIODeadline) -> [Action] {
        guard !isPaused else { return [] }
        isPaused = true
        return [.pauseReading, .start(.resume, after: max(budget.pause(at: now) ?? .zero, Self.otherTurns))]
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

    /// Makes sure that a frame is coming in. Returns false if the input does not suffice.
    private mutating func startFrame(_ input: inout ByteBuffer, at now: NIODeadline) throws(WebSocketViolation) -> Bool {
        guard frame == nil else { return true }
        guard let header = try parser.next(&input) else { return false }
        if state == .closing {
            // Whatever else comes is skipped, and the peer's Close is all the same.
            let opcode = WebSocketFrames.Opcode(rawValue: header.opcode)
            frame = Frame(opcode: opcode == .close ? .close : nil, fin: true, rest: header.length, mask: header.mask ?? .identity)
        } else {
            frame = try begin(header, at: now)
        }
        return true
    }

    private mutating func begin(_ header: FrameHeader, at now: NIODeadline) throws(WebSocketViolation) -> Frame {
        let opcode = WebSocketFrames.Opcode(rawValue: header.opcode)
        guard let mask = header.mask else { throw WebSocketViolation(.protocolError, "frame is not masked") }
        let isStart = opcode == .text || opcode == .binary
        guard header.reserved == 0 || (header.reserved == 4 && isCompressed && isStart) else {
            throw WebSocketViolation(.protocolError, "reserved bit without an extension")
        }
        guard let opcode else { throw WebSocketViolation(.protocolError, "unknown opcode") }
        if opcode.isControl {
            guard header.fin else { throw WebSocketViolation(.protocolError, "fragmented control frame") }
            guard header.length <= 125 else { throw WebSocketViolation(.protocolError, "control frame too long") }
        }
        // Fragments are bounded per message, so that the frame that ends something is the one to count.
        if header.fin, !budget.charge(at: now) { throw WebSocketViolation(.tooManyRequests, "too many requests") }
        if !opcode.isControl { try assembler.begin(opcode, header) }
        return Frame(opcode: opcode, fin: header.fin, rest: header.length, mask: mask)
    }

    /// Takes what there is of the frame. Returns whether that is all of it.
    private mutating func takePayload(_ input: inout ByteBuffer, at now: NIODeadline) throws(WebSocketViolation) -> Bool {
        guard var frame else { return false }
        let count = min(frame.rest, input.readableBytes)
        frame.rest -= count
        if count > 0 {
            switch (state, frame.opcode) {
            case (.open, .text), (.open, .binary), (.open, .continuation):
                defer { chargeInflated(at: now) }
                try assembler.append(&input, count: count, &frame.mask)
            case (.open, .close), (.open, .ping):
                control.writeUnmasked(&input, count: count, &frame.mask)
            default:
                input.moveReaderIndex(forwardBy: count)
            }
        }
        self.frame = frame
        return frame.rest == 0
    }

    private mutating func endFrame(isWritable: Bool) throws(WebSocketViolation) -> Action? {
        guard let frame = frame.take() else { return nil }
        let payload = control
        control = ByteBuffer()
        switch frame.opcode {
        case .close where state == .closing:
            return .all(linger())
        case _ where state == .closing:
            return nil
        case .close:
            return .all(try peerClosed(payload))
        case .ping:
            return ping(payload, isWritable: isWritable)
        case .text, .binary, .continuation:
            return try assembler.end(fin: frame.fin).map { .deliver($0) }
        case .pong, nil:
            return nil
        }
    }

    private mutating func ping(_ payload: ByteBuffer, isWritable: Bool) -> Action? {
        if isWritable { return .write(WebSocketFrames.pong(payload)) }
        pendingPong = payload
        return nil
    }

    private mutating func peerClosed(_ payload: ByteBuffer) throws(WebSocketViolation) -> [Action] {
        let content = try CloseContent(payload: payload)
        return fail(CloseContent(code: content.code), reporting: content.code ?? .noStatus)
    }

    // MARK: Liveness and pace

    /// A few bytes may inflate to many, so these count too, beside messages: as many as fit one message like 16 of them.
    private mutating func chargeInflated(at now: NIODeadline) {
        let inflated = assembler.takeInflated()
        guard inflated > 0 else { return }
        inflatedInTurn += inflated
        budget.charge(worth: 16 * Double(inflated) / Double(configuration.maxMessageBytes), at: now)
    }

    private func hasInflatedEnough(at now: NIODeadline) -> Bool {
        inflatedInTurn >= Self.maxInflatedPerTurn || (inflatedInTurn > 0 && budget.pause(at: now) != nil)
    }

    /// Bytes, up to one more message.
    private static let maxInflatedPerTurn = 256 << 10
    /// Enough for the event loop to serve others.
    private static let otherTurns = TimeAmount.milliseconds(1)

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
        leave(to: .lingering, answering: content, reporting: code, discardingQueue: true) + linger()
    }

    private mutating func linger() -> [Action] {
        state = .lingering
        frame = nil
        return [.shutdownOutput]
    }

    private mutating func leave(
        to next: State, answering content: CloseContent, reporting code: WebSocketCloseCode, discardingQueue: Bool
    ) -> [Action] {
        state = next
        pendingPong = nil
        control = ByteBuffer()
        assembler = MessageAssembler(maxBytes: 0, maxFragments: 0)
        return [
            .writeClose(WebSocketFrames.close(content), discardingQueue: discardingQueue),
            .cancel(.ping), .cancel(.pong), .cancel(.resume),
            .start(.close, after: configuration.closeTimeout),
        ] + resume() + [.reportClosed(code)]
    }
}
