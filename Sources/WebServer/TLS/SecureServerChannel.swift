public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS

/// Lumiere's connections with TLS: what client and server agree on in the handshake (ALPN, RFC 7301) is HTTP/2 or
/// HTTP/1.1, the latter with all that `HTTPServerChannel` does, WebSockets included.
struct SecureServerChannel: ServerChildChannel {
    /// A connection of which it is not known yet what it speaks.
    struct Value: ServerChildChannelValue {
        fileprivate enum Spoken: Sendable {
            case http1(HTTPServerChannel.Value)
            case http2(HTTP2Connection.Streams)
        }

        let channel: any Channel
        fileprivate let spoken: EventLoopFuture<Spoken>
    }

    private let plain: HTTPServerChannel
    private let configuration: HTTPServerChannel.Configuration
    private let certificate: ServerCertificate

    /// - Parameter plain: what connections are once they are decrypted.
    init(_ plain: HTTPServerChannel, _ configuration: HTTPServerChannel.Configuration, _ certificate: ServerCertificate) {
        self.plain = plain
        self.configuration = configuration
        self.certificate = certificate
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let gate = HandshakeGate(addresses: configuration.addresses, patience: configuration.limits.head, logger: logger)
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Value.Spoken> { result in
                let begun = begin(result == .negotiated("h2"), on: channel, logger)
                gate.handshakeEnded(channel)
                return begun
            }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([gate, NIOSSLServerHandler(context: certificate.context), negotiation])
            return Value(channel: channel, spoken: negotiation.protocolNegotiationResult)
        }
    }

    private func begin(_ isHTTP2: Bool, on channel: any Channel, _ logger: Logger) -> EventLoopFuture<Value.Spoken> {
        guard isHTTP2 else { return plain.setup(channel: channel, logger: logger, isSecure: true).map { .http1($0) } }
        return channel.eventLoop.makeCompletedFuture {
            .http2(try HTTP2Connection.install(on: channel, configuration.limits) { plain.setup(stream: $0, of: $1, logger: logger) })
        }
    }

    /// Answers requests until the connection ends; when the task is cancelled, it does at once.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            do {
                switch try await value.spoken.get() {
                case .http1(let connection): await plain.handle(value: connection, logger: logger)
                case .http2(let streams): try await answer(streams, logger)
                }
            } catch {
                logger.debug("a connection ended early", metadata: ["error": "\(error)"])
            }
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }

    private func answer(_ streams: HTTP2Connection.Streams, _ logger: Logger) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for try await stream in streams.inbound {
                group.addTask { await plain.handle(value: stream, logger: logger) }
            }
        }
    }
}
