import CoreMetrics
import NIOCore
import NIOHTTP2

/// Ends connections of HTTP/2: those that break its rules, those without a request for too long, those that let answers pile
/// up, and all when the server drains. What is wrong with a single stream is its own gate's.
final class HTTP2Manners: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private enum State {
        case open
        /// The client has been told; what it has asked for is answered.
        case draining(until: NIODeadline)
        /// Nothing more is answered: what was is on its way, and then the connection is closed.
        case leaving
    }

    /// For requests under way when the server drains.
    private static let grace: TimeAmount = .seconds(8)
    /// For the last answers to leave.
    private static let farewell: TimeAmount = .seconds(5)

    private let limits: ConnectionLimits
    private var state = State.open
    private var streams = 0
    /// The last stream that was answered.
    private var latest = HTTP2StreamID.rootStream
    private var held: HeldClock
    private var timer: Scheduled<Void>?
    private var heldTimer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ limits: ConnectionLimits) {
        self.limits = limits
        held = HeldClock(limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // The handshake was the client's wish: the first request is due as on any new connection.
        after(limits.head) { self.leave() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        heldTimer?.cancel()
        self.context = nil
    }

    /// One at a time.
    private func after(_ time: TimeAmount, _ body: @escaping () -> Void) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: time, body)
    }

    // MARK: Streams

    /// A client asks for something.
    func opened(_ stream: any Channel) {
        streams += 1
        if let id = try? stream.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) { latest = max(latest, id) }
        if case .open = state { timer?.cancel() }
        stream.closeFuture.assumeIsolated().whenComplete { _ in self.closed() }
    }

    private func closed() {
        streams -= 1
        guard streams == 0, let context else { return }
        switch state {
        case .open: after(limits.idle) { self.leave() }
        case .draining(let until): leave(within: min(Self.farewell, until - context.eventLoop.now))
        case .leaving: break
        }
    }

    // MARK: What waits

    /// A stream has bytes that the client opens no window for, or the connection is not ready to take.
    func holds(_ count: Int) {
        guard let context else { return }
        held.holds(count, at: context.eventLoop.now)
        lookAtHeld(context)
    }

    /// They have left, or their stream has ended.
    func lets(go count: Int, isTaken: Bool) { held.lets(go: count, isTaken: isTaken) }

    /// A timer that finds a later deadline is set anew.
    private func lookAtHeld(_ context: ChannelHandlerContext) {
        guard heldTimer == nil, let deadline = held.deadline else { return }
        heldTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.heldTimer = nil
            guard let context = self.context else { return }
            if self.held.isOver(at: context.eventLoop.now) { return self.cut("held_answers", .enhanceYourCalm) }
            self.lookAtHeld(context)
        }
    }

    // MARK: The end

    /// Tells the client (section 6.8), and closes once it has what it was answered, or has had its time to take it.
    private func leave(within time: TimeAmount = farewell, _ code: NIOHTTP2.HTTP2ErrorCode = .noError) {
        guard let context else { return }
        if case .leaving = state { return }
        state = .leaving
        let told = context.eventLoop.makePromise(of: Void.self)
        told.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
        tell(context, latest, code, told)
        after(max(time, .zero)) { self.context?.close(promise: nil) }
    }

    private func cut(_ reason: String, _ code: NIOHTTP2.HTTP2ErrorCode) {
        Counter(label: "http_connections_cut", dimensions: [("reason", reason)]).increment()
        leave(within: .zero, code)
    }

    private func tell(
        _ context: ChannelHandlerContext, _ last: HTTP2StreamID, _ code: NIOHTTP2.HTTP2ErrorCode = .noError, _ promise: EventLoopPromise<Void>? = nil
    ) {
        let goodbye = HTTP2Frame.FramePayload.goAway(lastStreamID: last, errorCode: code, opaqueData: nil)
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: goodbye)), promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard event is ChannelShouldQuiesceEvent, case .open = state else { return }
        if streams == 0 { return leave() }
        state = .draining(until: context.eventLoop.now + Self.grace)
        // What the client has sent before it hears of this is answered as well.
        tell(context, .maxID)
        after(Self.grace) { self.leave(within: .zero) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The connection goes on after errors of a stream (section 5.4.2).
        if Self.isOfStream(error) { return }
        Counter(label: "http_connections_cut", dimensions: [("reason", "protocol")]).increment()
        // Whatever comes now cannot be understood, and would be kept.
        context.close(promise: nil)
    }

    /// Among them what comes too late for a stream that a client has reset, as browsers do with pictures out of sight.
    private static func isOfStream(_ error: any Error) -> Bool {
        error is NIOHTTP2Errors.StreamError || error is NIOHTTP2Errors.NoSuchStream || error is NIOHTTP2Errors.StreamClosed
    }
}

@available(*, unavailable)
extension HTTP2Manners: Sendable {}
