public import Core
public import Logging
import NIOCore
public import NIOHTTP1
public import Sockets
public import WebServer

/// The wires that clients connect by, all of them over one hub: the JSON WebSocket at `/ws`, Socket.IO at `/socket.io/`, and
/// server-sent events.
public struct RealtimeWires: ConnectionUpgrader {
    public struct Configuration: Sendable {
        /// Pages that may connect; the page's own host always may.
        public var origins = WebSocketOriginPolicy(allowed: [])
        /// Connections of this process, over all wires.
        public var maxConnections = 20_000
        public var socket = WebSocketConfiguration()
        /// Sessions of Socket.IO of one client address; of a whole /64 in IPv6.
        public var sessionsPerAddress = 1024
        /// What this server calls itself among those of the house.
        public var node = ""

        public init() {}
    }

    public static let webSocketPath = "/ws"
    private static let subprotocol = "lumiere"

    private let house: WireHouse
    private let access: any SessionAccess
    private let configuration: Configuration
    private let socketIO: SocketIOEndpoint
    private let oversight: OversightRoutes

    /// - Parameters:
    ///   - presence: who follows what, over all nodes.
    ///   - send: brings an ephemeral event to every node.
    ///   - nudges: bring an administrator's order to every node.
    ///   - eventLoops: the group that serves the connections.
    ///   - parties: what is asked and told when somebody comes to a party; `nil`: there are none.
    ///   - topics: say who may follow what; a kind of topics that none of them owns is followed by nobody.
    ///   - handlers: carry out the commands of features that the table declares.
    public init(
        hub: Hub, broker: any Broker, presence: any PresenceRegistry, send: @escaping @Sendable (EphemeralEvent) -> Void,
        nudges: any Nudges, eventLoops: any EventLoopGroup, table: EventTable, handlers: [any CommandHandler] = [],
        authenticator: any Authenticator, grants: any GrantChecker, credentials: any RevocationChecker, topics: [any TopicAuthorizer],
        sessions: any SessionEntrance & MediaTokenSource, names: any PrincipalNames,
        access: any SessionAccess, states: (any SessionStateReader)? = nil,
        parties: (any PartyStateReader & PartyVisitors)? = nil, limiter: any RateLimiter, clock: any WallClock, logger: Logger,
        configuration: Configuration = .init()
    ) {
        let board = PresenceBoard(eventLoop: eventLoops.next(), registry: presence, clock: clock, send: send)
        hub.observe { board.heard($0) }
        let named = handlers.flatMap { handler in handler.commands.map { ($0, handler) } }
        self.house = WireHouse(
            hub: hub, presence: board, broker: broker, table: table,
            handlers: Dictionary(named, uniquingKeysWith: { first, _ in first }), authenticator: authenticator, grants: grants,
            credentials: credentials, topics: TopicDoors(topics), sessions: sessions, names: names, states: states, parties: parties,
            limiter: limiter, clock: clock, logger: logger,
            connections: ConnectionCount(limit: configuration.maxConnections))
        self.access = access
        var configuration = configuration
        configuration.socket.tally = house.queues
        self.configuration = configuration
        socketIO = SocketIOEndpoint(house: house, configuration: configuration)
        oversight = OversightRoutes(
            house: house, statistics: WireStatistics(house, node: configuration.node), nudges: nudges, send: send)
        nudges.listen(for: EvictionOrder.nudge) { text in
            guard let order: EvictionOrder = try? JSON.decode(from: text), let eviction = try? order.eviction() else { return }
            hub.showOut(eviction)
        }
        nudges.listen(for: MembershipEnd.nudge) { text in
            guard let end: MembershipEnd = try? JSON.decode(from: text) else { return }
            hub.showOut(Eviction(target: .member(end.user, of: end.session), reason: .revoked))
        }
    }

    /// What is asked for over plain HTTP.
    public var routes: [Route] {
        EventStreamRoutes(house: house, access: access).routes + [document] + socketIO.routes + oversight.routes
    }

    /// Keeps statistics and metrics up to date, until cancelled.
    public func run() async { await oversight.statistics.run() }

    private var document: Route {
        Route(
            .get, "/asyncapi.json", .readPublic, "The events and commands of the wires as AsyncAPI 3", tag: "Documents",
            output: .bytes(.ok, contentType: "application/json")
        ) { _ in
            try .json(AsyncAPIDocument.json(house.table))
        }
    }

    /// Ends what a client would wait for when the server drains, and lets nobody in any more.
    public func shutdown() { socketIO.shutdown() }

    public func decide(on head: HTTPRequestHead, remoteAddress: String) async -> UpgradeDecision {
        let path = head.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? ""
        if path == SocketIOEndpoint.path || path + "/" == SocketIOEndpoint.path {
            return socketIO.decide(on: head, remoteAddress: remoteAddress)
        }
        guard path == Self.webSocketPath else { return .ignore }
        let decision = WebSocketHandshake.decide(
            head, subprotocols: [Self.subprotocol], origins: configuration.origins, compression: configuration.socket.compression)
        switch decision {
        case .notWebSocket: return .ignore
        case .refuse(let status, let reason, let headers): return .refuse(.webSocketRefused(status, reason, headers))
        case .accept(let headers):
            return await accept(head, headers, remoteAddress)
        }
    }

    private func accept(_ head: HTTPRequestHead, _ headers: HTTPHeaders, _ address: String) async -> UpgradeDecision {
        if house.connections.isFull { return .refuse(.tooManyConnections) }
        do {
            let identity = try await house.authenticator.identity(bearer: Self.bearer(head.headers))
            let place = TopicPlace(uri: head.uri)
            return .accept(headers) { channel, isSecure in
                try install(on: channel, isSecure, headers) { shard in
                    let client = ClientConnection(house: house, shard: shard, identity: identity, address: address)
                    return WebSocketWire(client, house: house, place: place)
                }
            }
        } catch let problem as Problem {
            return .refuse(problem)
        } catch let error as DatabaseError where error.isTransient {
            return .refuse(.databaseUnavailable)
        } catch {
            house.logger.error("authentication failed", metadata: ["error": "\(error)"])
            return .refuse(.internalError)
        }
    }

    /// - Parameter response: the fields of the 101, which say what compression was agreed on.
    private func install(
        on channel: any Channel, _ isSecure: Bool, _ response: HTTPHeaders, _ makeWire: (HubShard) -> WebSocketWire
    ) throws {
        guard let shard = house.hub.shard(of: channel.eventLoop) else { throw Problem.internalError }
        try WebSocketPipeline.install(
            on: channel, configuration: configuration.socket, response: response, isNextToSocket: !isSecure,
            delegate: makeWire(shard))
    }

    /// `Authorization: Bearer`, or for browsers, which cannot set it, an offered subprotocol `bearer.<token>`.
    static func bearer(_ headers: HTTPHeaders) -> String? {
        if let value = headers.first(name: "Authorization"), value.lowercased().hasPrefix("bearer ") {
            return String(value.dropFirst(7))
        }
        return headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
            .first { $0.hasPrefix("bearer.") }
            .map { String($0.dropFirst(7)) }
    }
}

extension Problem {
    /// 503: all wires together have as many connections as there may be.
    static let tooManyConnections = unavailable("too_many_connections", "No more connections can be taken.", retryAfter: 5)

    /// A handshake that is none, or that may not be made from that page.
    static func webSocketRefused(_ status: HTTPResponseStatus, _ reason: String, _ headers: HTTPHeaders) -> Problem {
        let fields = Dictionary(headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        return Problem(Int(status.code), "websocket_refused", reason, headers: fields)
    }
}
