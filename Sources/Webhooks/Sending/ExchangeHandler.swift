import NIOCore
import NIOHTTP1

/// Sends one request when the connection is there, and listens for its answer. The answer is known by its head; the rest of it
/// is listened to for a while, so that the receiver may end its sentence, and then the connection is closed.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let body: String
    private let answer: EventLoopPromise<HTTPResponseHead>
    /// Bytes of the answer that are still listened to.
    private var budget: Int
    private let patience: TimeAmount
    private var alarm: Scheduled<Void>?

    /// - Parameters:
    ///   - answer: fails when the connection ends before the head of an answer has come.
    ///   - limit: bytes of the rest of it that are listened to.
    ///   - patience: for how long.
    init(
        _ head: HTTPRequestHead, body: String, answer: EventLoopPromise<HTTPResponseHead>, limit: Int, patience: TimeAmount
    ) {
        self.head = head
        self.body = body
        self.answer = answer
        self.patience = patience
        budget = limit
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(string: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer.succeed(head)
            let channel = context.channel
            alarm = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        case .body(let bytes):
            budget -= bytes.readableBytes
            if budget <= 0 { context.close(promise: nil) }
        case .end: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        // Changes nothing once there is an answer.
        answer.fail(SendingFailure.broken)
        context.fireChannelInactive()
    }
}
