import Core
public import WebServer

/// `/api/sessions/{id}/statistics`, `/api/sessions/{id}/access-log` and `/api/auth/statistics`.
public struct StatisticsRoutes: Sendable {
    let service: StatisticsService
    let door: SessionDoor

    public init(_ service: StatisticsService, sessions: SessionService) {
        self.service = service
        self.door = SessionDoor(sessions)
    }

    private static let chart: [Route.Query] = [
        .init("per", .oneOf(EntryChart.Step.allCases.map(\.rawValue)), "`hour` unless said."),
        .init("zone", .string(1...64), "The time zone of hours and days, e.g. `Europe/Berlin`; `UTC` unless said."),
        .init("from", .formatted(.dateTime), "Unless said, 7 days of hours or 90 days before `until`."),
        .init("until", .formatted(.dateTime), "Now, unless said."),
    ]

    public var routes: [Route] {
        [
            .json(
                .get, "/api/sessions/{id}/statistics", .readStatistics, "What has become of a session", tag: "Sessions",
                output: StatisticsView.self, noun: "session", resource: door.sessionInPath
            ) { call in
                try await service.statistics(of: try call.id(of: "session"))
            },
            .json(
                .get, "/api/sessions/{id}/statistics/entries", .readStatistics, "How many came in when", tag: "Sessions",
                query: Self.chart, output: EntryChart.self, errors: ["bad_query": 400], noun: "session", resource: door.sessionInPath
            ) { call in
                try await service.chart(of: try call.id(of: "session"), try EntryChartQuery(call.query, now: service.clock.now()))
            },
            .json(
                .get, "/api/sessions/{id}/access-log", .readAccessLog, "Who came into a session and saved something, newest first",
                tag: "Sessions", query: Route.paging, output: Page<AccessView>.self, noun: "session", resource: door.sessionInPath
            ) { call in
                try await service.log(
                    of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
            },
            .json(
                .get, "/api/auth/statistics", .readOwnStatistics, "What has become of all sessions that the caller owns", tag: "Sessions",
                output: AccountStatisticsView.self
            ) { call in
                guard let owner = call.principal.userID else { throw Problem.unauthorized() }
                return try await service.statistics(ofOwner: owner)
            },
        ]
    }
}
