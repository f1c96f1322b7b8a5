import NIOCore

/// Sits next to the socket and tells the gate about bytes, which the decoder and the encoder would hide from it.
final class SocketTap: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let gate: ConnectionGate
    private var context: ChannelHandlerContext?
    /// Whether nothing of the last read was left for the handlers above.
    private var isAnswered = false

    init(gate: ConnectionGate) { self.gate = gate }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        gate.answerDirectly(&bytes)
        isAnswered = bytes.readableBytes == 0
        if bytes.readableBytes > 0 && gate.shouldDecode(bytes) { context.fireChannelRead(wrapInboundOut(bytes)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isAnswered { context.fireChannelReadComplete() }
    }

    /// Writes what needs no encoder.
    func write(_ data: IOData, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        write(context: context, data: wrapOutboundOut(data), promise: promise)
    }

    func flush() { context?.flush() }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        gate.willWrite(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }
}

@available(*, unavailable)
extension SocketTap: Sendable {}
