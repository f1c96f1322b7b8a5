public import NIOPosix

/// Everything the web server can be told.
public struct WebServerConfiguration: Sendable {
    /// Name or address to listen on.
    public var host = "127.0.0.1"
    /// 0 picks a free one.
    public var port = 8080
    /// Scheme and authority under which clients reach the server; `nil`: what they say in `Host`.
    public var publicURL: String?
    /// Whose `X-Forwarded-*` headers are believed.
    public var trustedProxies = TrustedProxies.none
    public var origins = CORSMiddleware.Origins.listed([])
    public var limits = ConnectionLimits()
    /// With one, every connection has TLS, and may speak HTTP/2.
    public var certificate: ServerCertificate?
    /// Open connections; further ones wait in the listener's queue.
    public var maximumConnections = 20_000
    /// Connections the kernel keeps waiting.
    public var backlog = 1024
    /// Reads what is sent of files into memory when it is not there; started.
    public var fileThreads = NIOThreadPool.singleton

    public init() {}
}
