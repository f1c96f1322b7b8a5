import NIOCore
import NIOHTTP1

/// Stands below the gate of an HTTP/2 stream as `SocketTap` does below that of a connection: a stream is a connection of
/// one exchange, and has the same manners.
final class StreamTap: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Bytes of a frame, as most clients take them (RFC 9113 section 4.2).
    private static let slice = 16 << 10

    private let gate: ConnectionGate
    private let connection: HTTP2Manners
    /// Bytes of answers that the connection has not taken, as the client opens no window for them.
    private(set) var pending = 0

    init(gate: ConnectionGate, connection: HTTP2Manners) { (self.gate, self.connection) = (gate, connection) }

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
        guard case .body(.byteBuffer(var bytes)) = unwrapOutboundIn(data), bytes.readableBytes > 0 else {
            return context.write(data, promise: promise)
        }
        gate.willWrite(bytes.readableBytes)
        // Of what is written in one, nothing is told before all of it is taken.
        while let slice = bytes.readSlice(length: min(Self.slice, bytes.readableBytes)), slice.readableBytes > 0 {
            write(slice, bytes.readableBytes == 0 ? promise : nil, context)
        }
    }

    private func write(_ slice: ByteBuffer, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        let taken = promise ?? context.eventLoop.makePromise()
        let count = slice.readableBytes
        pending += count
        connection.holds(count)
        taken.futureResult.assumeIsolated().whenComplete { result in
            self.pending -= count
            if case .success = result { self.connection.lets(go: count, isTaken: true) } else { self.connection.lets(go: count, isTaken: false) }
        }
        context.write(wrapOutboundOut(.body(.byteBuffer(slice))), promise: taken)
    }

    /// Half a stream cannot be closed but by the end of an answer, which has been written: to close it would take the
    /// answer back.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { promise?.succeed(()) } else { context.close(mode: mode, promise: promise) }
    }
}

@available(*, unavailable)
extension StreamTap: Sendable {}

extension HTTPServerRequestPart {
    /// None of what is no body.
    fileprivate var bytes: ByteBuffer { if case .body(let bytes) = self { bytes } else { ByteBuffer() } }
}
