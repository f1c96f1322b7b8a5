import Core
import NIOCore
import NIOHTTPTypes
import Sockets

/// One client of `GET /api/sessions/{id}/events`: server-sent events as the body of an answer that goes on.
///
/// Lives on the event loop of the connection. Until the answer has begun, what it is given waits; from then on it writes the body's
/// parts by itself, without a task in between, and reads what happens to the connection as its last handler.
final class EventStreamWire: ClientWire {
    private enum State {
        /// The answer has not begun.
        case waiting
        case open(ChannelHandlerContext)
        /// The last event is written or queued; nothing comes after it.
        case ending(ChannelHandlerContext?)
        case ended
    }

    /// Between two comments.
    static let heartbeat = TimeAmount.seconds(15)
    /// For the client to take the last event.
    static let farewell = TimeAmount.seconds(5)
    /// Bytes that may wait for a client that reads slowly, each event counted with 64 more than it has.
    static let maxQueuedBytes = 1 << 20

    let kind = WireKind.serverSentEvents
    private let client: ClientConnection
    private let eventLoop: any EventLoop
    /// Is told when the body has its end.
    private let finished: EventLoopPromise<Void>
    private var state = State.waiting
    private var queue: OutboundQueue
    private var closeCode = WebSocketCloseCode.normalClosure
    /// Of the history that offsets belong to, as the client was told.
    private var epoch = ""
    private var timer: Scheduled<Void>?
    private var needsFlush = false
    private var isTurnEndScheduled = false

    /// - Parameter tally: counts what is left out when the client reads slowly.
    init(_ client: ClientConnection, on eventLoop: any EventLoop, tally: OutboundTally? = nil) {
        self.client = client
        queue = OutboundQueue(maxBytes: Self.maxQueuedBytes, maxKeys: 64, tally: tally)
        self.eventLoop = eventLoop
        finished = eventLoop.makePromise()
    }

    // MARK: Life

    /// The answer's head has been written: its body is ours from here on.
    /// - Returns: succeeds when the body has its end, however it came to it.
    func begin(on channel: any Channel) -> EventLoopFuture<Void> {
        do { try channel.pipeline.syncOperations.addHandler(self, position: .last) } catch { end() }
        return finished.futureResult
    }

    /// Nobody will take the body any more.
    func abandon() { end() }

    private func opened(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return end() }
        let last = if case .ending = state { true } else { false }
        state = last ? .ending(context) : .open(context)
        writeInTurn(EventStream.opening)
        drain()
        if !last { beat() }
    }

    private func beat() {
        timer = eventLoop.assumeIsolated().scheduleTask(in: Self.heartbeat) {
            guard case .open = self.state else { return }
            // A client that has to catch up gets no comments on top.
            if self.queue.isEmpty, self.isWritable { self.writeInTurn(EventStream.heartbeat) }
            self.beat()
        }
    }

    private func end() {
        if case .ended = state { return }
        let context = context
        state = .ended
        timer?.cancel()
        queue.removeAll()
        finished.succeed()
        eventLoop.assumeIsolated().execute {
            // The connection may have further requests.
            context?.pipeline.syncOperations.removeHandler(self, promise: nil)
            self.client.closed(self.closeCode)
        }
    }

    // MARK: ClientWire

    /// What comes before the answer has begun waits for it.
    var isReady: Bool { isOpen }
    var queuedBytes: Int { queue.byteCount }

    func write(_ run: TopicRun) -> Bool {
        guard case .open(let context) = state, queue.isEmpty, context.channel.isWritable else { return false }
        write(run.eventStream(epoch), context)
        return true
    }

    func send(_ event: HubEvent) {
        guard isOpen else { return }
        let block = event.eventStream(epoch)
        switch event.kind {
        case .durable: push(block)
        case .ephemeral(let key): if !writeAtOnce(block) { queue.replaceLatest(key: key, block) }
        }
    }

    /// The event that says where the client is carries that place as its id, so that whoever hears nothing after it comes back to
    /// it. Not so when what was missed comes next: then the place is the client's own, until it has that.
    func tell(_ message: DirectMessage) {
        guard isOpen else { return }
        if let epoch = message.epoch { self.epoch = epoch }
        push(EventStream.block(message.type.name, message.text, id: message.offset.map { "\(epoch):\($0)" }))
    }

    // No commands come in.
    func acknowledge(_ id: JSONValue, _ data: JSONValue) {}
    func refuse(_ id: JSONValue?, _ problem: Problem) {}

    func close(_ reason: CloseReason) { close(reason, discardingQueue: false) }

    private func close(_ reason: CloseReason, discardingQueue: Bool) {
        guard isOpen else { return }
        closeCode = reason.code
        if discardingQueue { queue.removeAll() }
        let block = EventStream.block(RealtimeEvents.closed.name, (try? JSON.text(reason.wireData)) ?? "{}")
        state = .ending(context)
        timer?.cancel()
        if !writeAtOnce(block) { queue.appendLast(block) }
        eventLoop.assumeIsolated().scheduleTask(in: Self.farewell) { if case .ending(let context?) = self.state { context.close(promise: nil) } }
    }

    // MARK: Writing

    private var context: ChannelHandlerContext? {
        switch state {
        case .open(let context): context
        case .ending(let context): context
        case .waiting, .ended: nil
        }
    }

    private var isOpen: Bool {
        switch state {
        case .waiting, .open: true
        case .ending, .ended: false
        }
    }

    private var isWritable: Bool { context?.channel.isWritable ?? false }

    private func push(_ block: ByteBuffer) {
        if writeAtOnce(block) || queue.append(block) { return }
        // What was written in this turn has not left yet, so nobody knows whether the client is slow.
        flush()
        if writeAtOnce(block) || queue.append(block) { return }
        close(.slow, discardingQueue: true)
    }

    /// Does not overtake what is queued.
    private func writeAtOnce(_ block: ByteBuffer) -> Bool {
        drain()
        guard queue.isEmpty, isWritable else { return false }
        writeInTurn(block)
        return true
    }

    private func drain() { while isWritable, let block = queue.popFirst() { writeInTurn(block) } }

    private func writeInTurn(_ block: ByteBuffer) {
        guard let context else { return }
        write(block, context)
        guard !isTurnEndScheduled else { return }
        isTurnEndScheduled = true
        eventLoop.assumeIsolated().execute {
            self.isTurnEndScheduled = false
            self.flush()
            if case .ending = self.state, self.queue.isEmpty { self.end() }
        }
    }

    /// From the end of the pipeline: it passes everything that the answer's head has passed.
    private func write(_ block: ByteBuffer, _ context: ChannelHandlerContext) {
        context.write(Self.wrapOutboundOut(.body(block)), promise: nil)
        needsFlush = true
    }

    func flush() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }
}

extension EventStreamWire: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    typealias OutboundOut = HTTPResponsePart

    func handlerAdded(context: ChannelHandlerContext) { opened(context) }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        drain()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: close(.shutdown)
        // Who has closed its half reads nothing more.
        case ChannelEvent.inputClosed: end()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }
}

@available(*, unavailable)
extension EventStreamWire: Sendable {}
