import Core
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends messages: to an address that was checked, and to no other. Each has a connection of its own, so that no receiver can
/// hold on to one; the costly part of it, what certificates are checked against, is shared.
struct WebhookClient: Sendable {
    let configuration: WebhookConfiguration
    let resolver: any HostResolver
    let clock: any WallClock
    private let tls: SharedTLS

    init(configuration: WebhookConfiguration, resolver: any HostResolver, clock: any WallClock) {
        self.configuration = configuration
        self.resolver = resolver
        self.clock = clock
        tls = SharedTLS(authorities: configuration.authorities)
    }

    /// Tries once. Redirects are not followed; of the answer only the status counts.
    /// - Parameter attempt: from 1; a host of several addresses is tried at another each time.
    /// - Throws: `CancellationError`.
    func send(_ message: SignedMessage, to webhook: Webhook, attempt: Int) async throws -> SendingOutcome {
        let deadline = NIODeadline.now() + .init(configuration.totalTimeout)
        do {
            let address = try await address(of: webhook, attempt: attempt)
            let answer = try await post(message, to: webhook.url, at: address, by: deadline)
            let patience = RetrySchedule.retryAfter(answer.headers.first(name: "retry-after"), now: clock.now())
            return .answered(status: Int(answer.status.code), retryAfter: patience)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return .failed(SendingFailure(error))
        }
    }

    /// Where a message goes this time.
    private func address(of webhook: Webhook, attempt: Int) async throws -> IPAddress {
        let url = webhook.url
        guard configuration.reach.permits(port: url.port) else { throw SendingFailure.noPublicAddress }
        let all =
            if let address = url.address { [address] } else {
                try await resolver.addresses(of: url.host, for: webhook.ownerID)
            }
        let usable = all.filter(configuration.reach.permits)
        guard !usable.isEmpty else { throw SendingFailure.noPublicAddress }
        return usable[(max(1, attempt) - 1) % usable.count]
    }

    /// The name may lead elsewhere a moment later: the connection goes to the address, while TLS and `Host` keep the name.
    /// - Returns: when the connection is closed; the head of the answer.
    private func post(
        _ message: SignedMessage, to url: WebhookURL, at address: IPAddress, by deadline: NIODeadline
    ) async throws -> HTTPResponseHead {
        let context = url.isSecure ? try await tls.context() : nil
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        // Whatever comes second changes nothing.
        let answer = loop.makePromise(of: HTTPResponseHead.self)
        let alarm = loop.scheduleTask(deadline: deadline) { answer.fail(SendingFailure.timeout) }
        defer { alarm.cancel() }
        let (head, limit, patience) = (Self.head(message, url), configuration.answerLimit, configuration.answerPatience)
        let connection = ClientBootstrap(group: loop)
            .connectTimeout(min(.init(configuration.connectTimeout), deadline - .now()))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        let name = url.address == nil ? url.host : nil
                        try pipeline.addHandler(try NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(
                        ExchangeHandler(
                            head, body: message.body, answer: answer, limit: limit, patience: .init(patience)))
                }
            }
            .connect(to: try SocketAddress(ipAddress: address.description, port: url.port))
        connection.whenFailure { answer.fail($0) }
        answer.futureResult.whenFailure { _ in connection.whenSuccess { $0.close(promise: nil) } }
        let found = try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            answer.fail(CancellationError())
        }
        try? await connection.get().closeFuture.get()
        return found
    }

    private static func head(_ message: SignedMessage, _ url: WebhookURL) -> HTTPRequestHead {
        var headers: HTTPHeaders = [
            "Host": url.authority, "Content-Type": "application/json", "Content-Length": String(message.body.utf8.count),
            "User-Agent": "Lumiere-Webhooks/1", "Connection": "close",
        ]
        for (name, value) in message.headers { headers.add(name: name, value: value) }
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: url.target, headers: headers)
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) { self = .nanoseconds(duration.milliseconds * 1_000_000) }
}
