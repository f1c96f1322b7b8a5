import Core
import HTTPTypes
public import WebServer

/// `/api/sessions` and the guests' entry.
public struct SessionRoutes: Sendable {
    let service: SessionService
    let door: SessionDoor

    public init(_ service: SessionService) {
        self.service = service
        self.door = SessionDoor(service)
    }

    public var routes: [Route] {
        [create, list, read, update, delete, verify, enter] + GuestRoutes(service).routes + SessionLifeRoutes(service).routes
            + MemberRoutes(service).routes
    }

    private var create: Route {
        .json(
            .post, "/api/sessions", .createSession, "Create a session", tag: "Sessions", input: NewSession.self,
            output: SessionView.self, status: .created, errors: ["code_taken": 409]
        ) { input, call in
            guard let owner = call.principal.userID else { throw Problem.unauthorized() }
            return try await service.create(
                title: input.title, about: input.description ?? "", accessCode: input.accessCode,
                settings: input.settings ?? .init(), occasion: input.occasion, owner: owner, by: call.principal)
        }
    }

    private var list: Route {
        .json(
            .get, "/api/sessions", .listSessions, "The caller's sessions, newest first", tag: "Sessions",
            query: Self.filters + Route.paging, output: Page<SessionView>.self
        ) { call in
            try await service.list(
                try SessionWish(call.query), for: call.principal, after: try call.cursor(),
                limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private static let filters: [Route.Query] = [
        Route.Query("status", .oneOf(Session.Status.allCases.map(\.rawValue)), "Only those of that status."),
        Route.Query("type", Occasion.Kind.schema, "Only those of that type."),
        Route.Query("text", .string(1...200), "Only those whose title contains it, in letters of whatever case."),
        Route.Query("deleted", .boolean, "Instead, those in the bin of the caller, who is their owner; all that are in bins for administrators."),
    ]

    private var read: Route {
        .json(
            .get, "/api/sessions/{id}", .readSession, "One session", tag: "Sessions", output: SessionView.self,
            noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.view(try call.id(of: "session"), rights: call.heldRights)
        }
    }

    private var update: Route {
        .json(
            .put, "/api/sessions/{id}", .updateSession, "Change a session", tag: "Sessions", input: SessionChange.self,
            output: SessionView.self, errors: ["code_taken": 409, "status_transition": 409], noun: "session", resource: door.sessionInPath
        ) { input, call in
            try await service.update(try call.id(of: "session"), input, by: call.principal)
        }
    }

    private var delete: Route {
        .empty(
            .delete, "/api/sessions/{id}", .deleteSession, "Delete a session and everything in it", tag: "Sessions",
            noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.delete(try call.id(of: "session"), by: call.principal)
        }
    }

    private var verify: Route {
        entry("/api/sessions/{id}/verify", "Enter a session by its access code", noun: "session") { try $0.id(of: "session") }
    }

    private var enter: Route {
        entry("/api/access", "Find and enter a session by its access code", noun: "resource") { _ in nil }
    }

    private func entry(
        _ path: String, _ summary: String, noun: String, session: @escaping @Sendable (Call) throws -> SessionID?
    ) -> Route {
        Route(
            .post, path, .enterSession, summary, tag: "Guests", body: .json(EntryRequest.schema),
            output: .json(.ok, Entry.schema), errors: ShareLinkRoutes.closed.merging(["wrong_code": 403]) { $1 }, noun: noun
        ) { call in
            let input = try call.input(EntryRequest.self)
            let (entry, _) = try await service.enter(
                try session(call), code: input.accessCode, name: input.name, address: call.remoteAddress,
                as: call.principal)
            return try call.reply(entry, settingCookie: input.cookie ?? false)
        }
    }
}

extension SessionDoor {
    /// The session that the path or the query names under `id`.
    var sessionInPath: Route.ResourceFinder { session(named: "id") }

    func session(named name: String) -> Route.ResourceFinder {
        { principal, parameters in
            guard let id = SessionID(parameters[name] ?? "") else { return .house }
            return try await resource(principal, id)
        }
    }

    /// The session of the photo that the path names.
    var photoInPath: Route.ResourceFinder {
        { principal, parameters in
            guard let id = PhotoID(parameters["id"] ?? "") else { return .house }
            return try await resource(principal, photo: id)
        }
    }
}

extension Call {
    /// What the caller holds in the session at hand: everything for admins.
    var heldRights: Rights {
        if principal.role == .admin { return .owner }
        if case .session(_, let held) = resource { return held }
        return []
    }
}
