import NIOCore

/// What the owner of a Socket.IO client is told, always on its event loop. The client keeps the delegate until `closed`.
public protocol SocketIODelegate: AnyObject {
    /// The client wants to be in a namespace, one of those configured. It has to be answered by `accept` or `refuse`, now or
    /// later; until then no event of the namespace comes, and the configured time to connect goes on.
    /// - Parameter auth: The JSON object that it sent along. `SocketRecovery` reads out of it where a client stopped.
    func connecting(to namespace: String, auth: JSONText?, on client: SocketIOClient)

    /// An event. If it has an `ackID`, the client waits for `acknowledge`.
    func received(_ event: SocketEvent, on client: SocketIOClient)

    /// The client is in the namespace no more; unless its session ended, the client may come back to it.
    func left(_ namespace: String, reason: SocketLeaveReason, on client: SocketIOClient)

    /// Nothing will be delivered and nothing can be sent any more. Called exactly once, as the last thing, and never from
    /// within a call to the client.
    func closed(_ client: SocketIOClient, reason: EngineCloseReason)
}

extension EngineServer {
    /// A Socket.IO endpoint, at `/socket.io/` for stock clients.
    /// - Parameter makeOwner: makes the owner of a new client, on the client's event loop.
    public convenience init(
        socketIO: SocketConfiguration, engine: EngineConfiguration = EngineConfiguration(), origins: WebSocketOriginPolicy,
        makeOwner: @escaping @Sendable (EngineOpening) -> any SocketIODelegate
    ) {
        self.init(configuration: engine, origins: origins) { session, opening in
            SocketIOClient(session: session, configuration: socketIO, owner: makeOwner(opening))
        }
    }
}
