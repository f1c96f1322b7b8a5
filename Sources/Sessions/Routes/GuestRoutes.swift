import Core
import HTTPTypes
import WebServer

/// `/api/sessions/{id}/guests`, and the guests' way out.
struct GuestRoutes: Sendable {
    let service: SessionService
    let door: SessionDoor

    init(_ service: SessionService) {
        self.service = service
        self.door = SessionDoor(service)
    }

    var routes: [Route] { [list, showOut, leave] }

    private var list: Route {
        .json(
            .get, "/api/sessions/{id}/guests", .manageGuests, "The guests who are in a session, the latest first", tag: "Guests",
            query: Route.paging, output: Page<GuestView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.guests(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var showOut: Route {
        .empty(
            .delete, "/api/sessions/{id}/guests/{guest}", .manageGuests, "Show one guest out; who is not in is out already",
            tag: "Guests", noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.showOut(
                GrantID(call.parameters["guest"] ?? ""), of: try call.id(of: "session"), by: call.principal)
        }
    }

    private var leave: Route {
        Route(
            .delete, "/api/sessions/{id}/entry", .enterSession,
            "Leave a session: takes back the guest's token that is sent along, and removes the media cookie", tag: "Guests",
            output: .empty(.noContent), noun: "session"
        ) { call in
            let session: SessionID = try call.id(of: "session")
            try await service.leave(session, as: call.principal)
            let cookie = MediaCookie.removal(of: session, isSecure: call.baseURL.hasPrefix("https:"))
            return Reply(.noContent, headers: [.setCookie: cookie])
        }
    }
}
