import Core
import HTTPTypes
import WebServer

/// Who is in a party, and what they are.
struct PartyMemberRoutes: Sendable {
    let service: PartyService
    let finder: PartyFinder

    var routes: [Route] { [list, setRole, showOut] }

    private var list: Route {
        .json(
            .get, "/api/parties/{id}/members", .readParty, "Who is and was in a party, those who are there first", tag: PartyRoutes.tag,
            output: PartyMembersView.self, noun: "party", resource: finder.partyInPath
        ) { call in
            PartyMembersView(items: try await service.memberViews(of: try call.party()))
        }
    }

    private var setRole: Route {
        .json(
            .put, "/api/parties/{id}/members/{person}", .joinInParty,
            "Make somebody host, controller or viewer; for the host, who hands over by that, and the owner", tag: PartyRoutes.tag,
            input: RoleChange.self, output: PartyMemberView.self, errors: ["grant_missing": 403, "host_needed": 409, "not_present": 409], noun: "party",
            resource: finder.partyInPath
        ) { input, call in
            try await service.setRole(input.role, of: call.person, in: try call.party(), by: try call.actor())
        }
    }

    private var showOut: Route {
        .empty(
            .delete, "/api/parties/{id}/members/{person}", .joinInParty, "Show somebody out", tag: PartyRoutes.tag,
            errors: ["grant_missing": 403, "host_stays": 403], noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.showOut(call.person, of: try call.party(), by: try call.actor(), as: call.principal)
        }
    }
}

/// What a member is to be.
struct RoleChange: WireType {
    var role: PartyRole

    static let schema = Schema.object([.field("role", .oneOf(PartyRole.allCases.map(\.rawValue)))])
}
