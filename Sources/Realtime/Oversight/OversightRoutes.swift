import Core
import Logging
import WebServer

/// What administrators see of the wires, and do to them.
struct OversightRoutes: Sendable {
    private static let tag = "Realtime"
    /// Announcements of the whole house: each may have to reach a hundred thousand.
    private static let announcementLimit = RateLimit(burst: 10, interval: .seconds(1))

    let house: WireHouse
    let statistics: WireStatistics
    let nudges: any Nudges
    /// Brings an ephemeral event to every node.
    let send: @Sendable (EphemeralEvent) -> Void

    var routes: [Route] { [stats, kick, broadcast] }

    private var stats: Route {
        .json(
            .get, "/api/websocket/stats", .readConnections, "What the wires of this server have done and have to do", tag: Self.tag,
            output: WireStatisticsView.self
        ) { _ in
            statistics.view()
        }
    }

    private var kick: Route {
        Route(
            .post, "/api/websocket/kick", .closeConnections,
            "Ends the connections of an account, a guest, an address or a session, on all servers", tag: Self.tag,
            body: .json(EvictionOrder.schema), output: .empty(.accepted)
        ) { call in
            let order: EvictionOrder = try call.input()
            _ = try order.eviction()
            nudges.nudge(EvictionOrder.nudge, try JSON.text(order))
            call.logOversight("connections are ended", try JSON.text(order))
            return Reply(.accepted)
        }
    }

    private var broadcast: Route {
        Route(
            .post, "/api/websocket/broadcast", .announce, "Tells something to everybody who is connected, or who follows a session",
            tag: Self.tag, body: .json(Announcement.schema), output: .empty(.accepted),
            errors: ["not_found": 404, "too_many_requests": 429]
        ) { call in
            let announcement: Announcement = try call.input()
            if let session = announcement.sessionId { try await house.topics.authorize(call.principal, toFollow: .session(session)) }
            if let wait = await house.limiter.take("wire:announcements", Self.announcementLimit) { throw Problem.tooMany(retryAfter: wait) }
            send(try announcement.event(at: house.clock.now()))
            call.logOversight("an announcement is made", try JSON.text(announcement))
            return Reply(.accepted)
        }
    }
}

extension Call {
    /// Writes down who did what to everybody's connections.
    /// - Parameter order: JSON text, which has no line breaks.
    fileprivate func logOversight(_ deed: Logger.Message, _ order: String) {
        var metadata: Logger.Metadata = ["by": "\(principal.userID?.description ?? "")", "order": "\(order)"]
        if case .key(let id, _, _, _) = principal { metadata["key"] = "\(id)" }
        logger.notice(deed, metadata: metadata)
    }
}
