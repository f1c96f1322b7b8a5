import Core
import HTTPTypes
import NIOCore
import NIOHTTP1
import Sockets
import WebServer

/// `/socket.io/`: sessions of Engine.IO over polling, over WebSockets, and from one to the other, for stock clients.
struct SocketIOEndpoint: Sendable {
    static let path = "/socket.io/"

    private let house: WireHouse
    private let engine: EngineServer
    private let origins: WebSocketOriginPolicy

    init(house: WireHouse, configuration: RealtimeWires.Configuration) {
        self.house = house
        origins = configuration.origins
        let recoveries = Recoveries(limit: configuration.maxConnections)
        // Which pages may read what polling answers is said for all routes in one place.
        engine = EngineServer(configuration: Self.engine(configuration), origins: .init(allowed: [])) { session, opening in
            let visitor = SocketIOVisitor(
                house, recoveries, house.hub.shard(of: session.eventLoop), bearer: RealtimeWires.bearer(opening.head.headers),
                address: opening.clientAddress ?? "unknown")
            return SocketIOClient(session: session, configuration: Self.socketIO, owner: visitor)
        }
    }

    private static func engine(_ configuration: RealtimeWires.Configuration) -> EngineConfiguration {
        var engine = EngineConfiguration()
        engine.maxSessions = configuration.maxConnections
        engine.maxSessionsPerAddress = configuration.sessionsPerAddress
        engine.maxPayload = configuration.socket.maxMessageBytes
        engine.maxQueuedBytes = configuration.socket.maxQueuedBytes
        engine.compression = configuration.socket.compression
        engine.tally = configuration.socket.tally
        return engine
    }

    private static let socketIO: SocketConfiguration = {
        var configuration = SocketConfiguration(namespaces: Set(SocketIONamespace.allCases.map(\.rawValue)))
        configuration.connectTimeout = .seconds(20)
        return configuration
    }()

    /// Closes all sessions and lets no more in.
    func shutdown() { engine.shutdown() }

    // MARK: WebSockets

    /// Decides about a request for the path.
    func decide(on head: HTTPRequestHead, remoteAddress: String) -> UpgradeDecision {
        let configuration = engine.configuration.webSocket
        switch WebSocketHandshake.decide(head, origins: origins, compression: configuration.compression) {
        case .notWebSocket: return .ignore
        case .refuse(let status, let reason, let headers): return .refuse(.webSocketRefused(status, reason, headers))
        case .accept(let headers):
            // Who is in already changes to a better transport.
            if house.connections.isFull, !Self.namesSession(head) { return .refuse(.tooManyConnections) }
            switch engine.upgrade(opening(head, remoteAddress)) {
            case .refuse(let refusal):
                return .refuse(Problem(Int(refusal.status.code), "engine_refused", refusal.message))
            case .accept(let makeDelegate):
                return .accept(headers) { channel, isSecure in
                    try WebSocketPipeline.install(
                        on: channel, configuration: configuration, response: headers, isNextToSocket: !isSecure,
                        delegate: makeDelegate())
                }
            }
        }
    }

    private static func namesSession(_ head: HTTPRequestHead) -> Bool {
        head.uri.split(separator: "?", maxSplits: 1).dropFirst().first?.split(separator: "&").contains { $0.hasPrefix("sid=") } ?? false
    }

    private func opening(_ head: HTTPRequestHead, _ address: String) -> EngineOpening {
        EngineOpening(head: head, remoteAddress: nil, countedAs: Self.key(address), clientAddress: address)
    }

    /// What sessions are counted by: an address, of IPv6 a whole /64, which is what one subscriber has. Who is on this machine is
    /// not counted: it speaks for others.
    private static func key(_ address: String) -> String? {
        guard let bytes = IPAddress(address)?.unmapped.bytes else { return address }
        let isLoopback = bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
        return isLoopback ? nil : bytes.prefix(8).map { String($0) }.joined(separator: ".")
    }

    // MARK: Polling

    private static let query: [Route.Query] = [
        .init("EIO", .string(), "The version of Engine.IO: 4."),
        .init("transport", .string(), "`polling`, or `websocket` with an upgrade."),
        .init("sid", .string(), "The session; without it one is opened."),
    ]

    /// The requests that ask for no WebSocket.
    var routes: [Route] {
        let text = Route.Output.bytes(.ok, contentType: "text/plain; charset=UTF-8")
        let routes = [
            Route(
                .get, Self.path, .readPublic, "Opens a session of Socket.IO, or fetches what it has for the client", tag: "Realtime",
                query: Self.query, output: text
            ) { try await answer($0) },
            Route(
                .post, Self.path, .readPublic, "What the client has for its session of Socket.IO", tag: "Realtime",
                body: .stream(contentType: "text/plain"), query: Self.query, output: text
            ) { try await answer($0) },
        ]
        // Stock clients may be told to send cookies: they mean nothing here.
        return routes.map { route in
            var route = route
            route.allowsCredentials = true
            return route
        }
    }

    private func answer(_ call: Call) async throws -> Reply {
        let head = HTTPRequestHead(
            version: .http1_1, method: .init(rawValue: call.request.method.rawValue), uri: call.request.head.path ?? Self.path,
            headers: HTTPHeaders(call.request.headers.map { ($0.name.rawName, $0.value) }))
        if call.query["sid"] == nil, house.connections.isFull { throw Problem.tooManyConnections }
        let exchange = begin(head, remoteAddress: call.remoteAddress, on: call.channel.eventLoop)
        await call.whenGone { exchange.abort() }
        if let limit = exchange.bodyLimit {
            do {
                exchange.finish(try await body(of: call, limit))
            } catch {
                exchange.abort()
                throw error
            }
        }
        return Reply(try await exchange.response.get())
    }

    func begin(_ head: HTTPRequestHead, remoteAddress: String, on eventLoop: any EventLoop) -> EngineExchange {
        engine.begin(opening(head, remoteAddress), on: eventLoop)
    }

    /// The body, or the beginning of one that is too long.
    private func body(of call: Call, _ limit: Int) async throws -> ByteBuffer {
        await call.acceptBody()
        var bytes = ByteBuffer()
        for try await piece in call.request.body {
            bytes.writeImmutableBuffer(piece)
            if bytes.readableBytes > limit { break }
        }
        return bytes
    }
}

extension Reply {
    /// Without what lets other origins read it: that is added to all answers alike.
    fileprivate init(_ response: EngineResponse) {
        var headers = HTTPFields()
        for name in [HTTPField.Name.contentType, .cacheControl, .xContentTypeOptions] {
            if let value = response.headers.first(name: name.rawName) { headers[name] = value }
        }
        self.init(.init(code: Int(response.status.code)), headers: headers, body: .init(byteBuffer: response.body))
    }
}
