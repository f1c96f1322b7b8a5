import Core
import HTTPTypes
import WebServer

/// `/api/sessions/{id}/members`, and whose the session is.
struct MemberRoutes: Sendable {
    private static let (tag, all) = ("Members", "/api/sessions/{id}/members")

    let service: SessionService
    let door: SessionDoor

    init(_ service: SessionService) {
        self.service = service
        self.door = SessionDoor(service)
    }

    var routes: [Route] { [list, add, change, remove, handOver] }

    private var list: Route {
        .json(
            .get, Self.all, .listMembers, "Those who belong to a session, the longest-standing first", tag: Self.tag,
            query: Route.paging, output: Page<MemberView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.members(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var add: Route {
        .json(
            .post, Self.all, .manageMembers, "Take an account into a session", tag: Self.tag, input: NewMember.self,
            output: MemberView.self, status: .created,
            errors: ["unknown_account": 404, "already_member": 409, "too_many_members": 409, "too_many_requests": 429],
            noun: "session", resource: door.sessionInPath
        ) { input, call in
            try await service.addMember(input, to: try call.id(of: "session"), by: call.principal)
        }
    }

    private var change: Route {
        .json(
            .put, "\(Self.all)/{user}", .manageMembers, "Give a member another role", tag: Self.tag, input: MemberChange.self,
            output: MemberView.self, errors: ["is_owner": 409], noun: "session", resource: door.sessionInPath
        ) { input, call in
            let user: UserID = try call.id("user", of: "member")
            return try await service.changeMember(user, of: try call.id(of: "session"), to: input.role, by: call.principal)
        }
    }

    private var remove: Route {
        .empty(
            .delete, "\(Self.all)/{user}", .leaveSession, "Remove a member, or leave; who is no member is out already",
            tag: Self.tag, errors: ["is_owner": 409], noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.removeMember(
                UserID(call.parameters["user"] ?? ""), of: try call.id(of: "session"), by: call.principal, holding: call.heldRights)
        }
    }

    private var handOver: Route {
        .json(
            .post, "/api/sessions/{id}/owner", .manageMembers, "Hand a session over to one of its members", tag: Self.tag,
            input: NewOwner.self, output: SessionView.self, errors: ["is_owner": 409], noun: "session", resource: door.sessionInPath
        ) { input, call in
            try await service.handOver(try call.id(of: "session"), to: input.userId, by: call.principal)
        }
    }
}
