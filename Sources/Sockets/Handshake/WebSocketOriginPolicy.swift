/// Which web pages may open a WebSocket here.
///
/// Browsers send cookies with a WebSocket handshake whatever page asked for it and apply no CORS to it, so the server has to
/// look at `Origin` by itself (RFC 6455 section 10.2).
public struct WebSocketOriginPolicy: Sendable, Equatable {
    /// Every page of every site.
    public static let any = WebSocketOriginPolicy(allowed: ["*"])

    private let allowsAny: Bool
    private let allowed: Set<String>
    private let allowsSameHost: Bool

    /// - Parameters:
    ///   - allowed: Exact origins such as `https://example.org:8443`, or `*` for all of them.
    ///   - sameHost: Whether a page whose host and port are those of the request's `Host` is allowed without being listed.
    public init(allowed: some Sequence<String>, sameHost: Bool = true) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        self.allowsAny = self.allowed.contains("*")
        self.allowsSameHost = sameHost
    }

    /// Whether a handshake with these header values may go on. A client that sends no `Origin` is not a browser and is allowed.
    public func permits(origin: String?, host: String?) -> Bool {
        guard let origin = origin?.lowercased() else { return true }
        return allowsAny || allowed.contains(origin) || (allowsSameHost && Self.isSame(origin, host?.lowercased()))
    }

    private static func isSame(_ origin: String, _ host: String?) -> Bool {
        guard let host, !host.isEmpty else { return false }
        return origin == "http://" + host || origin == "https://" + host
    }
}
