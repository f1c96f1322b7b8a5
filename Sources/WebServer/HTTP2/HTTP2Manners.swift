import CoreMetrics
import NIOCore
import NIOHTTP2

/// Ends connections of HTTP/2: those that break its rules, those without a request for too long, and all when the server
/// drains. What is wrong with a single stream is its own gate's.
final class HTTP2Manners: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// For requests under way when the server drains.
    private static let grace: TimeAmount = .seconds(8)

    private let limits: ConnectionLimits
    private var open = 0
    private var isDraining = false
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ limits: ConnectionLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // The handshake was the client's wish: the first request is due as on any new connection.
        end(after: limits.head)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    // MARK: Streams

    /// A client asks for something.
    func opened(_ stream: any Channel) {
        open += 1
        if !isDraining { timer?.cancel() }
        stream.closeFuture.assumeIsolated().whenComplete { _ in self.closed() }
    }

    private func closed() {
        open -= 1
        guard open == 0, context != nil else { return }
        if isDraining { sayGoodbye() } else { end(after: limits.idle) }
    }

    private func end(after time: TimeAmount) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: time) { self.sayGoodbye() }
    }

    // MARK: The end

    /// Tells the client (section 6.8), and closes whether it has taken that or not.
    private func sayGoodbye() {
        guard let context else { return }
        tell(context)
        context.close(promise: nil)
    }

    private func tell(_ context: ChannelHandlerContext) {
        let goodbye = HTTP2Frame.FramePayload.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil)
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: goodbye)), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard event is ChannelShouldQuiesceEvent, !isDraining else { return }
        isDraining = true
        if open == 0 { return sayGoodbye() }
        tell(context)
        end(after: Self.grace)
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
