import AsyncHTTPClient
import Core
import NIOCore
import NIOSSL

extension HTTPClient.Configuration {
    /// - Throws: when the file with the trusted certificates cannot be read.
    init(_ configuration: S3Configuration) throws {
        self.init()
        timeout.connect = .nanoseconds(configuration.connectTimeout.milliseconds * 1_000_000)
        timeout.read = .nanoseconds(configuration.idleTimeout.milliseconds * 1_000_000)
        timeout.write = .nanoseconds(configuration.idleTimeout.milliseconds * 1_000_000)
        connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        // Servers close what rests for longer, and a request that meets the end of its connection is lost.
        connectionPool.idleTimeout = .seconds(8)
        // Refused connections are ours to try again, with the pauses of the policy.
        connectionPool.retryConnectionEstablishment = false
        redirectConfiguration = .disallow
        httpVersion = .http1Only
        if let file = configuration.trustedCertificates {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(file)
            tlsConfiguration = tls
        }
    }
}
