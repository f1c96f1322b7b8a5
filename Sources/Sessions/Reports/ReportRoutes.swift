import Core
import HTTPTypes
public import WebServer

/// Reports of photos that somebody wishes to be seen no more.
public struct ReportRoutes: Sendable {
    private static let tag = "Reports"

    let service: ReportService
    let door: SessionDoor

    public init(_ service: ReportService, sessions: SessionService) {
        self.service = service
        self.door = SessionDoor(sessions)
    }

    public var routes: [Route] { [report, list, resolve] }

    private var report: Route {
        Route(
            .post, "/api/photos/{id}/report", .reportPhoto, "Report a photo to the staff; once is enough", tag: Self.tag,
            body: .json(ReportInput.schema), output: .empty(.noContent),
            errors: ["too_many_reports": 409, "too_many_requests": 429], noun: "photo", resource: door.photoInPath
        ) { call in
            try await service.report(try call.id(of: "photo"), try call.input(), by: try call.chooser())
            return Reply(.noContent)
        }
    }

    private var list: Route {
        .json(
            .get, "/api/sessions/{id}/reports", .listReports, "What was reported, open reports first", tag: Self.tag,
            query: Route.paging, output: Page<PhotoReportView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.list(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var resolve: Route {
        .json(
            .post, "/api/reports/{id}/resolve", .resolveReport, "Deal with a report", tag: Self.tag, input: ReportResolution.self,
            output: PhotoReportView.self, noun: "report", resource: reportInPath
        ) { input, call in
            try await service.resolve(try call.id(of: "report"), as: input.resolution, by: .init(principal: call.principal, rights: call.heldRights))
        }
    }

    /// The session of the report that the path names.
    private var reportInPath: Route.ResourceFinder {
        { principal, parameters in
            guard principal != .anonymous, let id = ReportID(parameters["id"] ?? ""), let session = try await service.session(of: id)
            else { return .house }
            return try await door.resource(principal, session)
        }
    }
}
