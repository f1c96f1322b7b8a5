import NIOCore
import NIOHTTP1

/// Sends one request when the connection is there, and listens for its answer. The answer is known by its head; the rest of it
/// is listened to for a while, so that the receiver may end its sentence, and then the connection is closed.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// How long the rest of an answer is listened to.
    private static let patience = TimeAmount.seconds(1)

    private let head: HTTPRequestHead
    private let body: String
    private let answer: EventLoopPromise<HTTPResponseHead>
    /// Bytes of the answer that are still listened to.
    private var budget: Int

    /// - Parameter answer: fails when the connection ends before the head of an answer has come.
    init(_ head: HTTPRequestHead, body: String, answerLimit: Int, answer: EventLoopPromise<HTTPResponseHead>) {
        self.head = head
        self.body = body
        self.answer = answer
        budget = answerLimit
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
            context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
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
        // Changes nothing once there is an answer.
        answer.fail(SendingFailure.broken)
        context.fireChannelInactive()
    }
}
