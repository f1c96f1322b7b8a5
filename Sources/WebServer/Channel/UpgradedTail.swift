import NIOCore

/// The last handler of an upgraded connection: whatever the new handlers leave over ends it.
final class UpgradedTail: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    /// How long the new handlers have for their good-bye once the server drains.
    private let farewell: TimeAmount = .seconds(5)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // No handler took it: these bytes have no reader, and none will come.
        context.close(promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            let channel = context.channel
            context.eventLoop.scheduleTask(in: farewell) { channel.close(promise: nil) }
        default: break
        }
    }
}

@available(*, unavailable)
extension UpgradedTail: Sendable {}
