import Logging
import NIOCore
import NIOHTTP2

/// HTTP/2 (RFC 9113) over a connection that has agreed to it: many requests at a time, each a stream.
enum HTTP2Connection {
    typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<HTTPServerChannel.Value>

    /// Requests that a client may have open at once; section 6.5.2 recommends no fewer.
    private static let streams = 100
    /// Bytes of a body that a client may send before they are taken: times the streams, what one connection can hold.
    private static let window = 128 << 10
    /// Bytes of an answer that wait for the client to open a window.
    private static let waiting = 128 << 10
    /// For requests under way when the server ends or the connection has been idle.
    private static let grace: TimeAmount = .seconds(8)

    /// Builds the pipeline above TLS.
    /// - Throws: when the connection is gone.
    static func install(
        on channel: any Channel, _ server: HTTPServerChannel, _ limits: ConnectionLimits, _ logger: Logger
    ) throws -> Streams {
        try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .server,
            connectionManagerConfiguration: .init(
                maxIdleTime: limits.idle, maxAge: nil, maxGraceTime: grace,
                // A client that is gone without a word holds its streams no longer than one that does not read.
                keepalive: .init(pingInterval: limits.idle, ackTimeout: limits.bodyInactivity)),
            http2HandlerConfiguration: configuration(limits)
        ) { stream in
            server.setup(stream: stream, logger: logger)
        }
    }

    private static func configuration(_ limits: ConnectionLimits) -> NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: window),
        ]
        configuration.stream.targetWindowSize = window
        configuration.stream.outboundBufferSizeHighWatermark = waiting
        configuration.stream.outboundBufferSizeLowWatermark = waiting / 2
        return configuration
    }
}
