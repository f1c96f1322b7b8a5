import NIOCore
import NIOHTTP1

/// Stands below the gate of an HTTP/2 stream as `SocketTap` does below that of a connection: a stream is a connection of
/// one exchange, and has the same manners.
final class StreamTap: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let gate: ConnectionGate
    /// Bytes of answers that the connection has not taken, as the client opens no window for them.
    private(set) var pending = 0

    init(gate: ConnectionGate) { self.gate = gate }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        // What the gate knows of requests is said in the words of HTTP/1.1.
        if case .head(var head) = part {
            head.version = .http1_1
            part = .head(head)
        }
        if gate.shouldDecode(part.bytes) { context.fireChannelRead(wrapInboundOut(part)) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body(let body) = unwrapOutboundIn(data), body.readableBytes > 0 else {
            return context.write(data, promise: promise)
        }
        let length = body.readableBytes
        pending += length
        gate.willWrite(length)
        let taken = promise ?? context.eventLoop.makePromise()
        taken.futureResult.assumeIsolated().whenComplete { _ in self.pending -= length }
        context.write(data, promise: taken)
    }
}

@available(*, unavailable)
extension StreamTap: Sendable {}

extension HTTPServerRequestPart {
    /// None of what is no body.
    fileprivate var bytes: ByteBuffer { if case .body(let bytes) = self { bytes } else { ByteBuffer() } }
}
