import Core
import WebServer

/// What administrators see of the wires, and do to them.
struct OversightRoutes: Sendable {
    private static let tag = "Realtime"

    let statistics: WireStatistics

    var routes: [Route] { [stats] }

    private var stats: Route {
        .json(
            .get, "/api/websocket/stats", .readConnections, "What the wires of this server have done and have to do", tag: Self.tag,
            output: WireStatisticsView.self
        ) { _ in
            statistics.view()
        }
    }
}
