import NIOCore
import NIOHTTP2

/// HTTP/2 (RFC 9113) over a connection that has agreed to it: many requests at a time, each a stream.
enum HTTP2Connection {
    typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<HTTPServerChannel.Value>

    /// Requests that a client may have open at once; section 6.5.2 recommends no fewer.
    private static let streams = 100
    /// Bytes of a body that a client may send before they are taken: times the streams, what one connection can hold.
    private static let window = 128 << 10
    /// The same of all bodies that are being taken.
    private static let connectionWindow = 1 << 20
    /// Bytes of an answer that wait for the client to open a window; a route may have written as many again, and read what it
    /// writes next.
    private static let waiting = 32 << 10
    /// How much longer a list of fields may be than one that is taken: who sends it is told so by a 431 (section 10.5.1). What is
    /// longer still ends the connection, for the next list cannot be read without this one; so does what comes before the client
    /// has heard of this, and is longer than the decoder's 16 KiB.
    private static let tolerance = 4

    /// Builds the pipeline above TLS.
    /// - Parameter stream: builds that of a stream of this connection.
    /// - Throws: when the connection is gone.
    static func install(
        on channel: any Channel, _ limits: ConnectionLimits,
        stream: @escaping @Sendable (any Channel, NIOLoopBound<HTTP2Manners>) -> EventLoopFuture<HTTPServerChannel.Value>
    ) throws -> Streams {
        let pipeline = channel.pipeline.syncOperations
        let manners = HTTP2Manners(limits)
        let here = NIOLoopBound(manners, eventLoop: channel.eventLoop)
        let streams = try pipeline.configureAsyncHTTP2Pipeline(mode: .server, configuration: configuration(limits)) { child in
            here.value.opened(child)
            return stream(child, here)
        }
        try pipeline.addHandler(manners)
        return streams
    }

    private static func configuration(_ limits: ConnectionLimits) -> NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes * tolerance),
            HTTP2Setting(parameter: .initialWindowSize, value: window),
        ]
        configuration.connection.targetWindowSize = connectionWindow
        configuration.stream.targetWindowSize = window
        configuration.stream.outboundBufferSizeHighWatermark = waiting
        configuration.stream.outboundBufferSizeLowWatermark = waiting / 2
        return configuration
    }
}
