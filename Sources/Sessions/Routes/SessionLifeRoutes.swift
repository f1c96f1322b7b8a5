import Core
import HTTPTypes
import WebServer

/// What becomes of a session as a whole, and who has changed what in it.
struct SessionLifeRoutes: Sendable {
    private static let tag = "Sessions"

    let service: SessionService
    let door: SessionDoor

    init(_ service: SessionService) {
        self.service = service
        self.door = SessionDoor(service)
    }

    var routes: [Route] { [archive, restore, duplicate, undelete, audit] }

    private var archive: Route {
        .json(
            .post, "/api/sessions/{id}/archive", .archiveSession, "Archive a session: guests are out, and nothing changes",
            tag: Self.tag, output: SessionView.self, errors: ["status_transition": 409, "is_party": 409], noun: "session",
            resource: door.sessionInPath
        ) { call in
            try await service.archive(try call.id(of: "session"), by: call.principal)
        }
    }

    private var restore: Route {
        .json(
            .post, "/api/sessions/{id}/restore", .archiveSession, "Bring an archived session back as it was", tag: Self.tag,
            output: SessionView.self, errors: ["status_transition": 409], noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.restore(try call.id(of: "session"), by: call.principal)
        }
    }

    private var duplicate: Route {
        .json(
            .post, "/api/sessions/{id}/duplicate", .duplicateSession, "Make another session with the same settings", tag: Self.tag,
            input: SessionCopy.self, output: SessionView.self, status: .created, errors: ["is_party": 409], noun: "session",
            resource: door.sessionInPath
        ) { input, call in
            try Policy.require(call.principal, .createSession)
            return try await service.duplicate(try call.id(of: "session"), as: input, by: call.principal)
        }
    }

    private var undelete: Route {
        .json(
            .post, "/api/sessions/{id}/undelete", .undeleteSession, "Bring a session back from the bin", tag: Self.tag,
            output: SessionView.self, errors: ["not_found": 404], noun: "session"
        ) { call in
            try await service.undelete(try call.id(of: "session"), by: call.principal)
        }
    }

    private var audit: Route {
        .json(
            .get, "/api/sessions/{id}/audit", .readAudit, "Who changed what in a session, newest first", tag: Self.tag,
            query: Route.paging, output: Page<AuditView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.audit(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }
}
