import NIOCore

/// What a listening connection tells its owner, on its event loop.
struct SubscriptionDelegate: Sendable {
    var isListening: @Sendable () -> Void
    var message: @Sendable (_ channel: String, _ payload: [UInt8]) -> Void
}

/// Runs the subscription machine, and looks now and then whether the server is still there.
final class SubscriptionHandler: ChannelDuplexHandler {
    typealias InboundIn = RedisReply
    typealias OutboundIn = RedisRequest
    typealias OutboundOut = RedisRequest

    /// Sent through the pipeline once the connection is greeted: subscribes.
    struct Start: Sendable {}

    private let channels: [String]
    private let beat: TimeAmount
    private let delegate: SubscriptionDelegate
    private var machine: SubscriptionMachine
    private var pulse: Scheduled<Void>?

    init(channels: [String], beat: TimeAmount, delegate: SubscriptionDelegate) {
        self.channels = channels
        self.beat = beat
        self.delegate = delegate
        self.machine = SubscriptionMachine(channels: channels)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Start else { return context.triggerUserOutboundEvent(event, promise: promise) }
        send(RedisCommand(["SUBSCRIBE"] + channels.map(RedisCommand.Argument.text)), context)
        watch(context)
        promise?.succeed()
    }

    private func watch(_ context: ChannelHandlerContext) {
        pulse = context.eventLoop.assumeIsolated().scheduleTask(in: beat) {
            guard self.machine.isAlive() else { return context.close(promise: nil) }
            self.send(RedisCommand("PING"), context)
            self.watch(context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch machine.received(unwrapInboundIn(data)) {
        case .nothing: break
        case .listening: delegate.isListening()
        case .message(let channel, let payload): delegate.message(channel, payload)
        case .close: context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pulse?.cancel()
        context.fireChannelInactive()
    }

    private func send(_ command: RedisCommand, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(RedisRequest(command: command, promise: nil)), promise: nil)
    }
}

@available(*, unavailable)
extension SubscriptionHandler: Sendable {}
