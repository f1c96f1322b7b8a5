import NIOCore

/// Runs a `WebSocketMachine` in a channel: inbound bytes and times are its events, and `run(_:)` does what it says.
///
/// Reads and writes the bytes of frames: no frame codec may be below it.
public final class WebSocketChannelHandler: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    private var machine: WebSocketMachine
    private var queue: OutboundQueue
    private var compressor: MessageCompressor?
    private let compressorIdleTime: TimeAmount
    /// Runs while the connection holds a compressor of its own.
    private var compressorTimer: LoopTimer?
    /// Released when it has been told of the end.
    private var delegate: (any WebSocketConnectionDelegate)?
    private var connection: WebSocketConnection?
    private var context: ChannelHandlerContext?

    private var timers: [WebSocketMachine.Timer: (id: UInt64, task: Scheduled<Void>)] = [:]
    private var lastTimerID: UInt64 = 0

    /// What was read, but has not been taken: others had to have their turn first, or the peer is over its rate.
    private var unread = ByteBuffer()
    private var isReadingPaused = false
    private var isReadHeld = false

    private var isTurnEndScheduled = false
    private var needsFlush = false
    /// Until the end begins, and only where nothing changes bytes on their way to the socket.
    private var bareSocket: BareSocket?
    private let mayUseBareSocket: Bool
    private var shouldShutdownOutput = false
    private var unreportedCode: WebSocketCloseCode?

    /// - Parameters:
    ///   - compression: What was agreed on in the handshake.
    ///   - isNextToSocket: Whether no handler changes, or has to see, what goes to the socket from here.
    ///   - delegate: Kept until it has been told of the end.
    public init(
        configuration: WebSocketConfiguration, compression: PermessageDeflate? = nil, isNextToSocket: Bool = false,
        delegate: any WebSocketConnectionDelegate
    ) {
        mayUseBareSocket = isNextToSocket
        machine = WebSocketMachine(configuration: configuration, compression: compression)
        compressorIdleTime = configuration.compression?.idleTime ?? .zero
        compressor = compression.map { MessageCompressor($0, configuration.compression ?? .init()) }
        queue = OutboundQueue(
            maxBytes: configuration.maxQueuedBytes, maxKeys: configuration.maxLatestKeys, tally: configuration.tally)
        self.delegate = delegate
    }

    // MARK: Life

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if mayUseBareSocket { findSocket(below: context) }
        let connection = WebSocketConnection(handler: self, channel: context.channel)
        self.connection = connection
        run(machine.opened())
        delegate?.opened(connection)
        guard context.channel.isActive else { return run(machine.transportClosed()) }
        // A read that the HTTP handlers held back when they were removed would never come again.
        context.read()
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        bareSocket = nil
        run(machine.transportClosed())
        queue.removeAll()
        unread = ByteBuffer()
        self.context = nil
    }

    public func channelInactive(context: ChannelHandlerContext) {
        bareSocket = nil
        takeTurn()
        run(machine.transportClosed())
        queue.removeAll()
        context.fireChannelInactive()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            run(machine.closeRequested(CloseContent(code: .goingAway, reason: "server shutting down")))
        case ChannelEvent.inputClosed:
            // A peer that has closed its half can neither answer pings nor the closing handshake. One more turn takes all that it has
            // sent within its rate.
            takeTurn()
            run([.closeTransport])
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Inbound

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = Self.unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = input } else { unread.writeBuffer(&input) }
        if !isReadingPaused { takeTurn() }
    }

    /// Takes what may be taken in one turn of the event loop. Reading stops while something is left: there is never more than what
    /// was read at once.
    private func takeTurn() {
        guard let context, unread.readableBytes > 0 else { return }
        machine.turnBegan()
        let now = context.eventLoop.now
        while let action = machine.next(&unread, at: now, isWritable: context.channel.isWritable) { run(action) }
        if unread.readableBytes == 0 { unread = ByteBuffer() } else { run(machine.yielded(at: now)) }
    }


    public func channelReadComplete(context: ChannelHandlerContext) {
        run(machine.readCompleted(at: context.eventLoop.now, isWritable: context.channel.isWritable))
        // Asks for more by itself, so that it does not matter whether `autoRead` was switched off for HTTP.
        if context.channel.isActive { read(context: context) }
        context.fireChannelReadComplete()
    }

    public func read(context: ChannelHandlerContext) {
        if isReadingPaused { isReadHeld = true } else { context.read() }
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        leaveSocket()
        run([.closeTransport])
    }

    // MARK: Outbound

    var isOpen: Bool { machine.isOpen }
    var queuedBytes: Int { queue.byteCount }

    func send(_ opcode: WebSocketFrames.Opcode, _ payload: ByteBuffer) {
        guard machine.isOpen else { return }
        send(compressor?.frame(opcode, payload) ?? WebSocketFrames.frame(opcode, payload))
        watchCompressor()
    }

    func send(_ message: PreparedMessage) {
        guard machine.isOpen else { return }
        send(compressor?.frame(message) ?? message.frame)
        watchCompressor()
    }

    func sendLatest(key: String, _ message: PreparedMessage) {
        guard machine.isOpen else { return }
        sendLatest(key: key, compressor?.detachedFrame(message) ?? message.frame)
    }

    // A clock of its own: the pings of some connections are not ours.
    private func watchCompressor() {
        guard compressorTimer == nil, compressor?.holdsDeflater == true, let eventLoop = context?.eventLoop else { return }
        compressorTimer = LoopTimer(at: eventLoop.now + compressorIdleTime, on: eventLoop) { [weak self] in
            self?.compressor?.dropIfIdle()
            self?.compressorTimer = nil
            self?.watchCompressor()
        }
    }

    func send(_ frame: ByteBuffer) {
        if isTaken(frame) { return }
        // What was written in this turn has not left yet, so nobody knows whether the client is slow.
        flush()
        if isTaken(frame) { return }
        run(machine.failed(WebSocketViolation(.slow, "slow")))
    }

    private func isTaken(_ frame: ByteBuffer) -> Bool { !machine.isOpen || writeAtOnce(frame) || queue.append(frame) }

    func sendLatest(key: String, _ frame: ByteBuffer) {
        guard machine.isOpen, !writeAtOnce(frame) else { return }
        queue.replaceLatest(key: key, frame)
    }

    func write(_ run: PreparedRun) -> Bool {
        guard machine.isOpen, queue.isEmpty, isWritable else { return false }
        guard let frames = compressor == nil ? run.frames : compressor?.frames(run) else { return false }
        put(frames)
        return true
    }

    func flush() {
        guard needsFlush else { return }
        needsFlush = false
        if bareSocket?.held == nil { return flushChannel() }
        guard let rest = bareSocket?.sendHeld() else { return }
        context?.write(Self.wrapOutboundOut(rest), promise: nil)
        flushChannel()
    }

    func close(_ content: CloseContent) { run(machine.closeRequested(content)) }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { run(machine.becameWritable()) }
        drain()
        context.fireChannelWritabilityChanged()
    }

    // Does not overtake what is queued.
    private func writeAtOnce(_ frame: ByteBuffer) -> Bool {
        drain()
        guard queue.isEmpty, isWritable else { return false }
        writeInTurn(frame)
        return true
    }

    private func drain() {
        while !queue.isEmpty, isWritable, let frame = queue.popFirst() { writeInTurn(frame) }
    }

    private func writeInTurn(_ frame: ByteBuffer) {
        put(frame)
        scheduleTurnEnd()
    }

    // MARK: To the socket

    // Asking the channel costs more than everything else that is asked for a frame.
    private var isWritable: Bool { bareSocket?.isFree == true || context?.channel.isWritable == true }

    private func put(_ frame: ByteBuffer) {
        let isFirst = !needsFlush
        needsFlush = true
        if isFirst, bareSocket?.hold(frame) == true { return }
        if let held = bareSocket?.release() { context?.write(Self.wrapOutboundOut(held), promise: nil) }
        context?.write(Self.wrapOutboundOut(frame), promise: nil)
    }

    private func findSocket(below context: ChannelHandlerContext) {
        bareSocket = BareSocket(below: context.channel)
        // What others have written before may not have left.
        flushChannel()
    }

    /// Lets everything go through the channel from here on.
    private func leaveSocket() {
        if let held = bareSocket?.release() { context?.write(Self.wrapOutboundOut(held), promise: nil) }
        bareSocket = nil
    }

    private func flushChannel() {
        guard let context else { return }
        guard bareSocket != nil else { return context.flush() }
        bareSocket?.flushBegan()
        let end = context.eventLoop.makePromise(of: Void.self)
        end.futureResult.assumeIsolated().whenComplete { result in
            if case .success = result { self.bareSocket?.flushEnded() } else { self.leaveSocket() }
        }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: end)
    }

    // MARK: Effects

    private func run(_ actions: [WebSocketMachine.Action]) {
        for action in actions { run(action) }
    }

    private func run(_ action: WebSocketMachine.Action) {
        switch action {
        case .deliver(let message):
            deliver(message)
        case .write(let frame):
            writeInTurn(frame)
        case .writeClose(let frame, let discardingQueue):
            if discardingQueue { queue.removeAll() }
            if queue.isEmpty { writeInTurn(frame) } else { queue.appendLast(frame) }
        case .start(let timer, let amount):
            start(timer, after: amount)
        case .cancel(let timer):
            timers.removeValue(forKey: timer)?.task.cancel()
        case .pauseReading:
            isReadingPaused = true
        case .resumeReading:
            resumeReading()
        case .shutdownOutput:
            shouldShutdownOutput = true
            scheduleTurnEnd()
        case .closeTransport:
            leaveSocket()
            context?.flush()
            context?.close(promise: nil)
        case .reportClosed(let code):
            unreportedCode = code
            scheduleTurnEnd()
        case .all(let actions):
            run(actions)
        }
    }

    private func deliver(_ message: WebSocketMessage) {
        guard let connection else { return }
        switch message {
        case .text(let text): delegate?.received(text: text, on: connection)
        case .binary(let binary): delegate?.received(binary: binary, on: connection)
        }
    }

    private func resumeReading() {
        isReadingPaused = false
        takeTurn()
        guard isReadHeld, !isReadingPaused else { return }
        isReadHeld = false
        context?.read()
    }

    // A cancelled task may still run, so a task acts only if its timer is still the one that started it.
    private func start(_ timer: WebSocketMachine.Timer, after amount: TimeAmount) {
        guard let eventLoop = context?.eventLoop.assumeIsolated() else { return }
        timers[timer]?.task.cancel()
        lastTimerID += 1
        let id = lastTimerID
        timers[timer] = (id, eventLoop.scheduleTask(in: amount) { self.fire(timer, id) })
    }

    private func fire(_ timer: WebSocketMachine.Timer, _ id: UInt64) {
        guard timers[timer]?.id == id else { return }
        timers[timer] = nil
        run(machine.timerFired(timer))
    }

    // MARK: The end of a turn

    private func scheduleTurnEnd() {
        guard !isTurnEndScheduled, let eventLoop = context?.eventLoop.assumeIsolated() else { return }
        isTurnEndScheduled = true
        eventLoop.execute { self.endTurn() }
    }

    private func endTurn() {
        isTurnEndScheduled = false
        flush()
        if shouldShutdownOutput, queue.isEmpty, !needsFlush {
            shouldShutdownOutput = false
            leaveSocket()
            context?.close(mode: .output, promise: nil)
        }
        reportClosed()
    }

    private func reportClosed() {
        guard let code = unreportedCode.take(), let connection else { return }
        delegate?.closed(connection, code: code)
        delegate = nil
        // Connection and handler hold each other until here.
        self.connection = nil
    }
}

@available(*, unavailable)
extension WebSocketChannelHandler: Sendable {}
