public import Core
public import NIOCore
public import NIOHTTP1

/// Takes connections over from HTTP. The WebSocket wires of Realtime implement it.
public protocol ConnectionUpgrader: Sendable {
    /// Decides about a request that asks for an upgrade, before any route sees it.
    ///
    /// The connection reads nothing meanwhile, and answers 503 by itself when the decision takes too long.
    /// - Parameter remoteAddress: the client's address: the peer's, or the one a trusted proxy reports.
    /// - Returns: `.ignore` when the request is not for this upgrader and shall be answered as plain HTTP.
    func decide(on head: HTTPRequestHead, remoteAddress: String) async -> UpgradeDecision
}

/// The answer to an upgrade request.
public enum UpgradeDecision: Sendable {
    /// Answer it as if nobody had asked for an upgrade.
    case ignore
    /// Answer with that problem and close.
    case refuse(Problem)
    /// Answer 101 with these headers, take the HTTP handlers out, then let `install` add its own, on the event loop.
    ///
    /// `install` adds its handlers in their order from the socket inwards, at the end of the pipeline: at its front, TLS would
    /// be behind them. What is left of the HTTP pipeline is bypassed. Bytes that arrived early are read into the new handlers
    /// right after `install`. What they pass on ends the connection: errors, the end of input, and, after 5 seconds, the
    /// server's wish to drain.
    /// It is told whether TLS is below; if not, nothing stands between its first handler and the socket that minds what is sent.
    /// `Connection` and `Upgrade` are added to the headers when they are missing.
    case accept(HTTPHeaders, install: @Sendable (any Channel, _ isSecure: Bool) throws -> Void)
}
