import NIOCore
import NIOHTTP1

/// The request that opened a session.
public struct EngineOpening: Sendable {
    public var head: HTTPRequestHead
    /// The other end of the transport: a proxy, if there is one.
    public var remoteAddress: SocketAddress?
    /// Sessions with the same value are counted together, such as those of one client address. `nil`: not counted.
    public var countedAs: String?
    /// The client's address, as far as whoever took the request knows it behind a proxy.
    public var clientAddress: String?

    /// The memberwise initializer.
    public init(
        head: HTTPRequestHead, remoteAddress: SocketAddress?, countedAs: String? = nil, clientAddress: String? = nil
    ) {
        self.head = head
        self.remoteAddress = remoteAddress
        self.countedAs = countedAs
        self.clientAddress = clientAddress
    }
}

/// An Engine.IO endpoint, to be plugged into an HTTP server. May be used from anywhere.
///
/// The server around it gives it each request of its path: those that ask for a WebSocket to `upgrade`, all others to `begin`.
public final class EngineServer: Sendable {
    /// Makes the owner of a new session, on the session's event loop.
    public typealias MakeDelegate = @Sendable (EngineSession, EngineOpening) -> any EngineSessionDelegate

    /// What becomes of a request for a WebSocket.
    public enum Upgrade: Sendable {
        /// Answer that, without upgrading.
        case refuse(EngineRefusal)
        /// Upgrade, with a delegate made by the closure on the channel's event loop, and with `configuration.webSocket`.
        case accept(@Sendable () -> any WebSocketConnectionDelegate)
    }

    public let configuration: EngineConfiguration
    private let origins: WebSocketOriginPolicy
    private let registry: EngineRegistry
    private let makeDelegate: MakeDelegate

    /// - Parameter origins: The pages that may read what polling answers. (For WebSockets see `WebSocketHandshake`.)
    public init(
        configuration: EngineConfiguration = EngineConfiguration(), origins: WebSocketOriginPolicy,
        makeDelegate: @escaping MakeDelegate
    ) {
        self.configuration = configuration
        self.origins = origins
        self.makeDelegate = makeDelegate
        registry = EngineRegistry(limit: configuration.maxSessions, perAddress: configuration.maxSessionsPerAddress)
    }

    /// How many sessions there are.
    public var sessionCount: Int { registry.count }

    /// Closes all sessions and lets no more in.
    public func shutdown() {
        for session in registry.close() { session.run { $0.close(code: .goingAway, reason: "server shutting down") } }
    }

    // MARK: Requests

    /// Begins to answer a request that asks for no WebSocket, by its head.
    /// - Parameter eventLoop: Where a new session will live.
    public func begin(_ opening: EngineOpening, on eventLoop: any EventLoop) -> EngineExchange {
        let headers = opening.head.headers
        guard opening.head.method != .OPTIONS else {
            return EngineExchange(response: eventLoop.makeSucceededFuture(.preflight(headers, origins: origins)))
        }
        let promise = eventLoop.makePromise(of: EngineResponse.self)
        let response = promise.futureResult.map { [origins] response in
            var response = response
            response.share(withOriginOf: headers, origins: origins)
            return response
        }
        switch EngineRequest.parse(opening.head, isWebSocket: false) {
        case .success(.poll(let id)): return poll(id, promise, response)
        case .success(.post(let id)): return post(id, promise, response)
        case .success(.openPolling): openPolling(opening, promise, on: eventLoop)
        case .success: promise.succeed(EngineRefusal.badRequest.response)
        case .failure(let refusal): promise.succeed(refusal.response)
        }
        return EngineExchange(response: response)
    }

    /// Decides on a request that asks for a WebSocket, by its head.
    public func upgrade(_ opening: EngineOpening) -> Upgrade {
        switch EngineRequest.parse(opening.head, isWebSocket: true) {
        case .success(.openWebSocket):
            return .accept { EngineSocketLink(.open(self, opening)) }
        case .success(.upgrade(let id)):
            guard let session = registry[id] else { return .refuse(.unknownSession) }
            return .accept { EngineSocketLink(.upgrade(session)) }
        case .success:
            return .refuse(.badRequest)
        case .failure(let refusal):
            return .refuse(refusal)
        }
    }

    // MARK: Sessions

    /// Opens a session on a WebSocket, on its event loop; `nil` if there is no room, and then the WebSocket is closed.
    func open(on socket: WebSocketConnection, _ opening: EngineOpening) -> EngineSessionReference? {
        let session: EngineSession
        do throws(EngineRefusal) {
            session = try makeSession(.webSocket(socket), opening, on: socket.eventLoop)
        } catch {
            let code = error == .full ? WebSocketCloseCode.tryAgainLater : .tooManyRequests
            socket.close(code: code, reason: error.message)
            return nil
        }
        socket.transmit(.open(configuration.handshake(id: session.id, canUpgrade: false)))
        session.open(makeDelegate(session, opening))
        return EngineSessionReference(session)
    }

    private func openPolling(
        _ opening: EngineOpening, _ promise: EventLoopPromise<EngineResponse>, on eventLoop: any EventLoop
    ) {
        let open: @Sendable () -> Void = { [self] in
            let session: EngineSession
            do throws(EngineRefusal) {
                session = try makeSession(.polling, opening, on: eventLoop)
            } catch {
                return promise.succeed(error.response)
            }
            let handshake = configuration.handshake(id: session.id, canUpgrade: true)
            promise.succeed(EngineResponse(body: EngineFrame.open(handshake).piece))
            session.open(makeDelegate(session, opening))
        }
        if eventLoop.inEventLoop { open() } else { eventLoop.execute(open) }
    }

    private func makeSession(
        _ carrier: EngineSession.Machine.Carrier, _ opening: EngineOpening, on eventLoop: any EventLoop
    ) throws(EngineRefusal) -> EngineSession {
        let id = Self.makeID()
        let session = EngineSession(
            id: id, configuration: configuration, carrier: carrier, registry: registry, on: eventLoop)
        try registry.insert(EngineSessionReference(session), as: id, countedAs: opening.countedAs)
        return session
    }

    private static func makeID() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0...(.max)), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private func poll(
        _ id: String, _ promise: EventLoopPromise<EngineResponse>, _ response: EventLoopFuture<EngineResponse>
    ) -> EngineExchange {
        let session = registry[id]
        let exchange = EngineExchange(response: response, session: session)
        guard let session else {
            promise.succeed(EngineRefusal.unknownSession.response)
            return exchange
        }
        session.run { $0.poll(exchange, promise) }
        return exchange
    }

    private func post(
        _ id: String, _ promise: EventLoopPromise<EngineResponse>, _ response: EventLoopFuture<EngineResponse>
    ) -> EngineExchange {
        let session = registry[id]
        let exchange = EngineExchange(response: response, bodyLimit: configuration.maxPayload, session: session)
        guard let session else {
            promise.succeed(EngineRefusal.unknownSession.response)
            return exchange
        }
        session.run { $0.beginPost(exchange, promise) }
        return exchange
    }
}
