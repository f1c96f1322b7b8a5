import NIOCore

/// One HTTP request to the endpoint, from its head to its response.
///
/// May be used from anywhere. Whoever begins it either passes on the body, if one is wanted, or aborts it when the client is gone.
public final class EngineExchange: Sendable {
    /// The response; it always comes, for a poll after up to a ping interval.
    public let response: EventLoopFuture<EngineResponse>
    /// Whether the request's body is to be read, and at most how far: what is longer than this is refused, so one byte more
    /// is enough. `nil`: the body means nothing.
    public let bodyLimit: Int?
    private let session: EngineSessionReference?

    init(response: EventLoopFuture<EngineResponse>, bodyLimit: Int? = nil, session: EngineSessionReference? = nil) {
        self.response = response
        self.bodyLimit = bodyLimit
        self.session = session
    }

    /// Takes the complete body, or the beginning of one that is too long.
    public func finish(_ body: ByteBuffer) { session?.run { $0.finishPost(self, body) } }

    /// The client went away before it was answered; that ends its session. Nothing happens if it was answered.
    public func abort() { session?.run { $0.abort(self) } }
}
