import Core
import HTTPTypes
import HummingbirdCore
import NIOCore
import WebServer

/// What is told, as server-sent events: `GET /api/sessions/{id}/events` of a session, and its desk for staff; `GET /api/auth/events`
/// of one's own account.
struct EventStreamRoutes: Sendable {
    let house: WireHouse
    let access: any SessionAccess

    private static let tag = "Realtime"
    private static let query = [
        Route.Query("lastEventId", .string(0...200), "For clients that cannot send `Last-Event-ID`, which counts more.")
    ]
    private static let output = Route.Output.bytes(.ok, contentType: "text/event-stream")
    private static let errors = ["not_acceptable": 406, "too_many_connections": 503]

    var routes: [Route] { [session, own] }

    private var session: Route {
        Route(
            .get, "/api/sessions/{id}/events", .followSession, "What happens in a session, as server-sent events", tag: Self.tag,
            query: Self.query, output: Self.output, errors: Self.errors, noun: "session",
            resource: { principal, parameters in
                guard let id = SessionID(parameters["id"] ?? "") else { return .house }
                return try await access.resource(principal, id)
            }
        ) { call in
            let session: SessionID = try call.id(of: "session")
            return try await answer(call, toFollow: .session(session)) { client, place in
                let wish = Command.Join(gathering: .session(session), epoch: place?.epoch, offset: place?.offset)
                _ = try await SessionJoin(wish: wish, connection: client, house: house, address: call.remoteAddress).run()
            }
        }
    }

    private var own: Route {
        Route(
            .get, "/api/auth/events", .followSelf, "What is told to one's own account, as server-sent events", tag: Self.tag,
            query: Self.query, output: Self.output, errors: Self.errors
        ) { call in
            guard let user = call.principal.personID else { throw Problem.unauthorized() }
            return try await answer(call, toFollow: .user(user)) { client, place in
                _ = try await SelfFollowing(user: user, place: place, connection: client, house: house).run()
            }
        }
    }

    private func answer(
        _ call: Call, toFollow topic: Topic, by follow: (NIOLoopBound<ClientConnection>, TopicPlace?) async throws -> Void
    ) async throws -> Reply {
        // An administrator holds every right, even in what does not exist.
        try await house.topics.authorize(call.principal, toFollow: topic)
        guard call.acceptsEventStream else { throw Problem(406, "not_acceptable", "This is a text/event-stream.") }
        guard !house.connections.isFull else { throw Problem.tooManyConnections }
        let identity = try await house.authenticator.identity(bearer: call.request.bearerToken)
        try await UserLimits.take(
            .joins, house.limiter, for: CommandCaller(principal: identity.principal, entries: [:], address: call.remoteAddress))
        let (client, lease) = try await open(on: call.channel, identity, call.remoteAddress)
        try await follow(client, (call.request.headers[.lastEventID] ?? call.query["lastEventId"]).flatMap(EventStream.place))
        return stream(lease, on: call.channel)
    }

    private func stream(_ lease: EventStreamLease, on channel: any Channel) -> Reply {
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store",
            // Proxies that hold answers back are asked not to.
            .accelBuffering: "no",
        ]
        return Reply(
            .ok, headers: headers,
            body: ResponseBody { writer in
                try await lease.carry(on: channel)
                try await writer.finish(nil)
            })
    }

    private func open(
        on channel: any Channel, _ identity: Identity, _ address: String
    ) async throws -> (NIOLoopBound<ClientConnection>, EventStreamLease) {
        guard let shard = house.hub.shard(of: channel.eventLoop) else { throw Problem.internalError }
        return try await channel.eventLoop.submit { [house] in
            let client = ClientConnection(house: house, shard: shard, identity: identity, address: address)
            let wire = EventStreamWire(client, on: channel.eventLoop, tally: house.queues)
            client.opened(over: wire)
            return (NIOLoopBound(client, eventLoop: channel.eventLoop), EventStreamLease(wire, on: channel.eventLoop))
        }.get()
    }
}

/// Ends the wire when nobody is left who would carry it: the answer may be dropped before its body is asked for.
private final class EventStreamLease: Sendable {
    private let wire: NIOLoopBound<EventStreamWire>

    /// To be made on the event loop.
    init(_ wire: EventStreamWire, on eventLoop: any EventLoop) { self.wire = NIOLoopBound(wire, eventLoop: eventLoop) }

    /// Returns when the stream is over.
    func carry(on channel: any Channel) async throws {
        try await wire.eventLoop.flatSubmit { [wire] in wire.value.begin(on: channel) }.get()
    }

    deinit { wire.eventLoop.execute { [wire] in wire.value.abandon() } }
}

extension Call {
    /// Whether the client takes server-sent events; one that does not say what it takes does.
    fileprivate var acceptsEventStream: Bool {
        guard let accept = request.headers[.accept] else { return true }
        let types = accept.lowercased().split(separator: ",").map { $0.prefix { $0 != ";" }.filter { !$0.isWhitespace } }
        return types.contains { ["text/event-stream", "text/*", "*/*"].contains($0) }
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID")!
    fileprivate static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
