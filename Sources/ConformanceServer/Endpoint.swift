import NIOCore
import NIOHTTP1

/// Answers the requests for some paths. The server has one event loop, and asks on it.
protocol Endpoint: Sendable {
    /// Whether a request for that path, given without its query, is its own.
    func serves(_ path: String) -> Bool

    /// Answers, at once or later; one connection's requests come one after the other. A failed future is answered 500.
    func respond(to request: Request) -> EventLoopFuture<Response>
}

/// A whole request.
struct Request: Sendable {
    var head: HTTPRequestHead
    /// At most `HTTPConnection.maxBodyBytes`.
    var body: ByteBuffer
    var channel: any Channel
    /// To be called if the client goes away before the next request; of use on the connection's event loop.
    var whenGone: NIOLoopBoundBox<(@Sendable () -> Void)?>

    /// The path without the query.
    var path: String { head.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? "/" }
    var eventLoop: any EventLoop { channel.eventLoop }
}

/// What is answered.
enum Response: Sendable {
    /// `Content-Length` is added.
    case answer(HTTPResponseStatus, HTTPHeaders = [:], ByteBuffer = ByteBuffer())
    /// 101 with these fields; then `install` adds its handlers to a pipeline that is free of HTTP.
    case webSocket(HTTPHeaders, install: @Sendable (any Channel) throws -> Void)
}
