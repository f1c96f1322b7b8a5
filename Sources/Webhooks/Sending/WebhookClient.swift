import AsyncHTTPClient
import Core
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends messages: to an address that was checked, and to no other.
struct WebhookClient: Sendable {
    let configuration: WebhookConfiguration
    let resolver: any HostResolver
    let clock: any WallClock

    /// Tries once. Redirects are not followed; of the answer only the status counts.
    /// - Parameter attempt: from 1; a host of several addresses is tried at another each time.
    /// - Throws: `CancellationError`.
    func send(_ message: SignedMessage, to webhook: Webhook, attempt: Int) async throws -> SendingOutcome {
        do {
            return try await limited(to: configuration.totalTimeout) {
                let address = try await address(of: webhook, attempt: attempt)
                return try await post(message, to: webhook.url, at: address)
            }
        } catch let failure as SendingFailure {
            return .failed(failure)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return .failed(Self.failure(error))
        }
    }

    /// Where a message goes this time.
    private func address(of webhook: Webhook, attempt: Int) async throws -> IPAddress {
        let url = webhook.url
        let all = if let address = url.address { [address] } else { try await resolver.addresses(of: url.host, for: webhook.ownerID) }
        let usable = all.filter(configuration.reach.permits)
        guard !usable.isEmpty else { throw SendingFailure.noPublicAddress }
        return usable[(max(1, attempt) - 1) % usable.count]
    }

    /// The name may lead elsewhere a moment later: the connection goes to the address, while TLS and `Host` keep the name.
    private func post(_ message: SignedMessage, to url: WebhookURL, at address: IPAddress) async throws -> SendingOutcome {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = .nanoseconds(configuration.connectTimeout.milliseconds * 1_000_000)
        settings.connectionPool.retryConnectionEstablishment = false
        settings.httpVersion = .http1Only
        if url.address == nil { settings.dnsOverride = [url.host: address.description] }
        if let file = configuration.authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(file)
            settings.tlsConfiguration = tls
        }
        // A client for each message: the override belongs to the client, and nothing is shared between receivers.
        return try await HTTPClient.withHTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings
        ) { client in
            let response = try await client.execute(
                request(message, url), timeout: .nanoseconds(configuration.totalTimeout.milliseconds * 1_000_000))
            let outcome = SendingOutcome.answered(
                status: Int(response.status.code),
                retryAfter: RetrySchedule.retryAfter(response.headers.first(name: "retry-after"), now: clock.now()))
            await drain(response.body)
            return outcome
        }
    }

    private func request(_ message: SignedMessage, _ url: WebhookURL) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        request.headers = HTTPHeaders(message.headers.map { ($0.name, $0.value) })
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "Lumiere-Webhooks/1")
        request.headers.add(name: "Connection", value: "close")
        request.body = .bytes(ByteBuffer(string: message.body))
        return request
    }

    /// Lets the receiver say its few words; what it says is of no interest, and neither is how it ends.
    private func drain(_ body: HTTPClientResponse.Body) async {
        let limit = configuration.answerLimit
        _ = try? await limited(to: Self.drainTimeout) {
            var count = 0
            for try await chunk in body {
                count += chunk.readableBytes
                if count >= limit { break }
            }
        }
    }

    private static let drainTimeout = Duration.seconds(1)

    /// What an error of the HTTP client stands for.
    private static func failure(_ error: any Error) -> SendingFailure {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout: .unreachable
            case .deadlineExceeded, .readTimeout, .writeTimeout: .timeout
            case .tlsHandshakeTimeout: .tls
            default: .broken
            }
        case is NIOConnectionError: .unreachable
        case let error as IOError where unreachable.contains(error.errnoCode): .unreachable
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .tls
        default: .broken
        }
    }

    private static let unreachable: Set<Int32> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EADDRNOTAVAIL]
}

/// Gives up on a body that takes too long; it has to end soon after it is cancelled.
/// - Throws: `SendingFailure.timeout`, or what the body throws.
private func limited<Value: Sendable>(
    to limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw SendingFailure.timeout
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
