public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1
import NIOHTTP2
public import NIOHTTPTypes
public import NIOPosix
import NIOHTTPTypesHTTP1

/// Lumiere's connections: HTTP/1.1 with the time-outs, refusals and upgrades that the framework leaves to us.
///
/// Pipeline from the socket: `SocketTap`, encoder, decoder, `ConnectionGate`, the codec to HTTPTypes, the async channel.
public struct HTTPServerChannel: ServerChildChannel, HTTPChannelHandler {
    public typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    public struct Configuration: Sendable {
        public var limits = ConnectionLimits()
        /// Whose `X-Forwarded-For` is believed.
        public var trustedProxies = TrustedProxies.none
        /// Counts connections by address; `nil`: they are not counted.
        public var addresses: AddressCount?
        /// Is asked about requests before they are decoded; `nil`: all go to the routes.
        public var direct: DirectDesk?
        /// Whether files may be sent by the kernel: nothing below may change the bytes, as TLS does.
        public var sendsFiles = true
        /// Read what is sent of files into memory when it is not there.
        public var fileThreads = NIOThreadPool.singleton

        public init() {}
    }

    /// Bytes that are read from the socket at a time, at most.
    private static let pieceBytes = 128 << 10
    /// Pieces that wait to be taken: half a MiB of an upload.
    private static let waiting = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(
        lowWatermark: 2, highWatermark: 4)

    public let responder: HTTPChannelHandler.Responder
    private let configuration: Configuration
    private let upgrader: (any ConnectionUpgrader)?

    /// - Parameter upgrader: is asked about requests that want another protocol; without one they are plain requests.
    public init(
        responder: @escaping HTTPChannelHandler.Responder, configuration: Configuration = .init(),
        upgrader: (any ConnectionUpgrader)? = nil
    ) {
        self.responder = responder
        self.configuration = configuration
        self.upgrader = upgrader
    }

    /// Builds the pipeline of an accepted connection.
    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        setup(channel: channel, logger: logger, isSecure: false)
    }

    /// - Parameter isSecure: whether TLS is below.
    func setup(channel: any Channel, logger: Logger, isSecure: Bool) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // Small answers must not wait for the acknowledgement of the one before. Unix sockets have no such option.
            try? channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
            // Bodies in large pieces, one at a time: each costs a hop to whoever reads them. Idle connections stay small.
            let buffers = AdaptiveRecvByteBufferAllocator(minimum: 1 << 10, initial: 4 << 10, maximum: Self.pieceBytes)
            try channel.syncOptions?.setOption(.recvAllocator, value: buffers)
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try HTTPCodec.install(on: channel, configuration, upgrader, logger)
            return try Self.wrap(channel, isSecure: isSecure)
        }
    }

    /// Builds the pipeline of an HTTP/2 stream, which has the same manners. Its connection is counted already, and none of
    /// its requests can switch protocols (RFC 9113 section 8.6).
    func setup(stream: any Channel, of connection: NIOLoopBound<HTTP2Manners>, logger: Logger) -> EventLoopFuture<Value> {
        stream.eventLoop.makeCompletedFuture {
            let gate = ConnectionGate(configuration, upgrader: nil, isCounted: true, logger: logger, at: stream.eventLoop.now)
            let tap = StreamTap(gate: gate, connection: connection.value)
            gate.pending = { tap.pending }
            try stream.pipeline.syncOperations.addHandlers([HTTP2FramePayloadToHTTP1ServerCodec(), tap, gate])
            return try Self.wrap(stream, isSecure: true)
        }
    }

    private static func wrap(_ channel: any Channel, isSecure: Bool) throws -> Value {
        try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: waiting, isOutboundHalfClosureEnabled: true))
    }

    /// Answers requests until the connection ends. When the task is cancelled, as at the end of the time that the server has for
    /// draining, the connection ends, whatever it still has to send.
    public func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            await handleHTTP(asyncChannel: value, logger: logger)
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}

/// The handlers between the socket and the gate.
struct HTTPCodec {
    let tap: SocketTap
    private let encoder: HTTPResponseEncoder
    private let decoder: ByteToMessageHandler<RequestDecoder>
    private let requests: RequestDecoder

    /// Puts the codec and the gate into a pipeline.
    static func install(
        on channel: any Channel, _ configuration: HTTPServerChannel.Configuration,
        _ upgrader: (any ConnectionUpgrader)?, _ logger: Logger
    ) throws {
        let gate = ConnectionGate(configuration, upgrader: upgrader, logger: logger, at: channel.eventLoop.now)
        let codec = HTTPCodec(gate: gate, configuration.limits)
        gate.codec = codec
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(codec.tap)
        try pipeline.addHandler(codec.encoder)
        try pipeline.addHandler(codec.decoder)
        try pipeline.addHandler(gate)
    }

    private init(gate: ConnectionGate, _ limits: ConnectionLimits) {
        // The gate frames: only it knows whether the client understands chunks and whether the request was a HEAD.
        var encoding = HTTPResponseEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        tap = SocketTap(gate: gate)
        encoder = HTTPResponseEncoder(configuration: encoding)
        requests = RequestDecoder(limits)
        decoder = ByteToMessageHandler(requests)
    }

    /// What has arrived after the last request; complete once the codec is removed.
    var leftovers: ByteBuffer { requests.leftovers }

    func remove(from pipeline: ChannelPipeline.SynchronousOperations) -> EventLoopFuture<Void> {
        requests.release()
        let removals = [pipeline.removeHandler(tap), pipeline.removeHandler(encoder), pipeline.removeHandler(decoder)]
        return EventLoopFuture.andAllSucceed(removals, on: removals[0].eventLoop)
    }
}
