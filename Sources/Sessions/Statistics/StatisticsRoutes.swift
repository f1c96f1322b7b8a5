import Core
public import WebServer

/// `/api/sessions/{id}/statistics`.
public struct StatisticsRoutes: Sendable {
    let service: StatisticsService
    let door: SessionDoor

    public init(_ service: StatisticsService, sessions: SessionService) {
        self.service = service
        self.door = SessionDoor(sessions)
    }

    public var routes: [Route] {
        [
            .json(
                .get, "/api/sessions/{id}/statistics", .readStatistics, "What has become of a session", tag: "Sessions",
                output: StatisticsView.self, noun: "session", resource: door.sessionInPath
            ) { call in
                try await service.statistics(of: try call.id(of: "session"))
            }
        ]
    }
}
