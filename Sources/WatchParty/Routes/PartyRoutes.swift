import Core
import HTTPTypes
import WebServer

/// `/api/parties`: parties themselves, and the film's truth.
struct PartyRoutes: Sendable {
    static let tag = "Parties"

    let service: PartyService
    let finder: PartyFinder

    var routes: [Route] { [create, list, read, update, delete, state, command, leave, enter] }

    private var create: Route {
        .json(
            .post, "/api/parties", .createParty, "Create a party; its maker is the host", tag: Self.tag, input: NewParty.self,
            output: PartyView.self, status: .created, errors: ["queue_full": 409, "film_queued": 409, "film_endless": 409, "too_many_requests": 429], noun: "film"
        ) { input, call in
            try await service.create(input, by: call.principal)
        }
    }

    private var list: Route {
        .json(
            .get, "/api/parties", .listParties, "The caller's parties, the newest first", tag: Self.tag, query: Route.paging,
            output: Page<PartyView>.self
        ) { call in
            try await service.list(
                for: call.principal, after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var read: Route {
        .json(
            .get, "/api/parties/{id}", .readParty, "One party", tag: Self.tag, output: PartyView.self, noun: "party",
            resource: finder.partyInPath
        ) { call in
            try await service.view(of: try call.party(), for: try call.actor(), isStaff: call.isStaff)
        }
    }

    private var update: Route {
        .json(
            .put, "/api/parties/{id}", .joinInParty, "Change a party; for its host and its owner", tag: Self.tag, input: PartyChange.self,
            output: PartyView.self, errors: ["grant_missing": 403], noun: "party", resource: finder.partyInPath
        ) { input, call in
            try await service.update(try call.party(), input, by: try call.actor(), as: call.principal)
        }
    }

    private var delete: Route {
        .empty(
            .delete, "/api/parties/{id}", .manageParty, "End a party for good", tag: Self.tag, noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.delete(try call.party(), by: call.principal)
        }
    }

    private var state: Route {
        .json(
            .get, "/api/parties/{id}/state", .readParty, "The truth about the film", tag: Self.tag, output: PartyStateView.self,
            noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.state(of: try call.party())
        }
    }

    private var command: Route {
        .json(
            .post, "/api/parties/{id}/commands", .joinInParty, "Play, pause, seek, change the rate or the film", tag: Self.tag,
            input: PartyOrder.self, output: PartyStateView.self,
            errors: ["stale": 409, "nothing_shown": 409, "not_joined": 409, "grant_missing": 403, "too_many_requests": 429], noun: "party",
            resource: finder.partyInPath
        ) { input, call in
            try await service.carryOut(input, in: try call.party(), by: try call.actor())
        }
    }

    private var leave: Route {
        .empty(
            .post, "/api/parties/{id}/leave", .joinInParty, "Go, so that nobody waits for one", tag: Self.tag, errors: ["too_many_requests": 429], noun: "party",
            resource: finder.partyInPath
        ) { call in
            let (party, actor) = (try call.party(), try call.actor())
            try await service.limitVisits(of: actor.person)
            try await service.leave(party, actor.person)
        }
    }

    private var enter: Route {
        .json(
            .post, "/api/parties/{id}/members", .joinInParty, "Come in, for who follows no topic; hold on by reports", tag: Self.tag,
            output: PartyMembersView.self, errors: ["party_locked": 403, "party_full": 409, "too_many_requests": 429], noun: "party", resource: finder.partyInPath
        ) { call in
            let (party, actor) = (try call.party(), try call.actor())
            try await service.limitVisits(of: actor.person)
            try await service.enter(party, actor)
            return PartyMembersView(items: try await service.memberViews(of: party))
        }
    }
}
