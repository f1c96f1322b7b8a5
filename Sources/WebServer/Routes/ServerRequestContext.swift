import Foundation
import Core
import HTTPTypes
public import Hummingbird
import Logging
public import NIOCore

/// What travels with a request through Hummingbird's middleware and router.
public struct ServerRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The connection the request came over.
    public let channel: any Channel
    /// Set by the request-id middleware.
    public var requestID = ""
    /// Whether the peer is a proxy of ours, so that its `X-Forwarded-*` headers are believed; set by the middleware.
    public var isFromProxy = false
    /// The configured public URL, if there is one.
    public var publicURL: String?

    public init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }

    /// The declared path of the route that answered; `nil` when there was none.
    var matchedRoute: String? { endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } }

    func remoteAddress(of request: Request) -> String {
        ClientAddress.text(
            peer: channel.remoteAddress, forwardedFor: request.headers[.forwardedFor], isTrusted: isFromProxy)
    }

    /// Whether the request came through a proxy: one of ours, or one that says so.
    func isProxied(_ request: Request) -> Bool {
        isFromProxy || [.via, .forwarded, .forwardedFor].contains { request.headers[$0] != nil }
    }

    func baseURL(of request: Request) -> String {
        if let publicURL { return publicURL }
        let proto = isFromProxy ? request.headers[.forwardedProto] : nil
        let host = (isFromProxy ? request.headers[.forwardedHost] : nil) ?? request.head.authority
        return "\(proto ?? request.head.scheme ?? "http")://\(host ?? "localhost")"
    }
}
