import NIOCore
import NIOHTTP1

/// Collects each request, asks its endpoint, and writes the answer or gives the connection away.
final class HTTPConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let maxBodyBytes = 1_000_000

    private let endpoints: [any Endpoint]
    private let codec: [any RemovableChannelHandler]
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isBodyTooLarge = false
    /// What the request in hand wants to be told; one for all requests, one after the other.
    private let whenGone: NIOLoopBoundBox<(@Sendable () -> Void)?>

    /// - Parameter codec: The handlers below, from the socket inwards. The decoder has to be the second.
    private init(_ endpoints: [any Endpoint], codec: [any RemovableChannelHandler], on eventLoop: any EventLoop) {
        self.endpoints = endpoints
        self.codec = codec
        whenGone = NIOLoopBoundBox(nil, eventLoop: eventLoop)
    }

    /// Builds a connection's pipeline.
    static func install(on channel: any Channel, _ endpoints: [any Endpoint]) throws {
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let pipelining = HTTPServerPipelineHandler()
        let errors = HTTPServerProtocolErrorHandler()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(encoder)
        try pipeline.addHandler(decoder)
        try pipeline.addHandler(pipelining)
        try pipeline.addHandler(errors)
        try pipeline.addHandler(HTTPConnection(endpoints, codec: [encoder, decoder, pipelining, errors], on: channel.eventLoop))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            isBodyTooLarge = false
            body = ByteBuffer()
        case .body(let piece):
            append(piece)
        case .end:
            guard let head = head.take() else { return }
            whenGone.value = nil
            respond(to: Request(head: head, body: body, channel: context.channel, whenGone: whenGone), context)
        }
    }

    private func append(_ piece: ByteBuffer) {
        isBodyTooLarge = isBodyTooLarge || body.readableBytes + piece.readableBytes > Self.maxBodyBytes
        if isBodyTooLarge { body = ByteBuffer() } else { body.writeImmutableBuffer(piece) }
    }

    private func respond(to request: Request, _ context: ChannelHandlerContext) {
        let head = request.head
        guard !isBodyTooLarge else { return write(.payloadTooLarge, [:], ByteBuffer(), to: head, context) }
        let path = request.path
        guard let endpoint = endpoints.first(where: { $0.serves(path) }) else {
            return write(.notFound, [:], ByteBuffer(), to: head, context)
        }
        endpoint.respond(to: request).hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            guard context.channel.isActive else { return }
            switch result {
            case .success(.answer(let status, let headers, let body)): self.write(status, headers, body, to: head, context)
            case .success(.webSocket(let headers, let install)): self.switchProtocols(headers, install, context)
            case .failure: self.write(.internalServerError, [:], ByteBuffer(), to: head, context)
            }
        }
    }

    private func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer, to head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        // Behind a request for an upgrade the decoder reads no other.
        let keepsAlive = head.isKeepAlive && !head.headers.contains(name: "Upgrade") && status != .payloadTooLarge
        var headers = headers
        headers.replaceOrAdd(name: "Content-Length", value: String(body.readableBytes))
        if !keepsAlive { headers.add(name: "Connection", value: "close") }
        context.write(Self.wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        if head.method != .HEAD { context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if !keepsAlive { context.close(promise: nil) }
        }
    }

    /// What the client has sent behind its request is in the decoder, and comes out when that goes: last, for those who want it.
    private func switchProtocols(
        _ headers: HTTPHeaders, _ install: (any Channel) throws -> Void, _ context: ChannelHandlerContext
    ) {
        let (channel, pipeline) = (context.channel, context.pipeline.syncOperations)
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        for handler in [codec[0], codec[2], codec[3], self] { pipeline.removeHandler(handler, promise: nil) }
        do {
            try install(channel)
            pipeline.removeHandler(codec[1], promise: nil)
        } catch {
            channel.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        whenGone.value?()
        whenGone.value = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@available(*, unavailable)
extension HTTPConnection: Sendable {}
