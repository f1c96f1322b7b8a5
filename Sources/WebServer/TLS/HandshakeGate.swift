import CoreMetrics
import Logging
import NIOCore

/// Stands at the socket of a connection with TLS: counts it by its address, and gives its handshake a limited time.
///
/// There is no way to tell a client anything before the handshake, so who is one too many is just closed.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let addresses: AddressCount?
    private let patience: TimeAmount
    private let logger: Logger
    private var timer: Scheduled<Void>?
    private var isQuiescing = false

    init(addresses: AddressCount?, patience: TimeAmount, logger: Logger) {
        self.addresses = addresses
        self.patience = patience
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.cut(context, "slow_handshake") }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        guard let addresses else { return }
        let peer = context.channel.remoteAddress
        guard addresses.enter(peer) else {
            addresses.warnOfProxy(peer, logger)
            return cut(context, "too_many_connections")
        }
        context.channel.closeFuture.whenComplete { _ in addresses.leave(peer) }
    }

    private func cut(_ context: ChannelHandlerContext, _ reason: String) {
        Counter(label: "http_connections_cut", dimensions: [("reason", reason)]).increment()
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { isQuiescing = true }
        context.fireUserInboundEventTriggered(event)
    }

    /// The handshake is done, and whoever answers requests stands above.
    func handshakeEnded(_ channel: any Channel) {
        timer?.cancel()
        // They were not there yet to hear it.
        if isQuiescing { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}

@available(*, unavailable)
extension HandshakeGate: Sendable {}
