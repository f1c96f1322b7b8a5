import Core
import HTTPTypes
import WebServer

/// The queue of a party, and what could be in it.
struct PartyQueueRoutes: Sendable {
    private static let changing = ["grant_missing": 403, "not_joined": 409, "too_many_requests": 429]

    let service: PartyService
    let finder: PartyFinder

    var routes: [Route] { [list, add, remove, move, vote, unvote, skip, unskip, film, library] }

    private var list: Route {
        .json(
            .get, "/api/parties/{id}/queue", .readParty, "The queue of a party", tag: PartyRoutes.tag, output: PartyQueueView.self,
            noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.queueView(of: try call.party(), for: try call.actor(), as: call.principal)
        }
    }

    private var add: Route {
        .json(
            .post, "/api/parties/{id}/queue", .joinInParty, "Put a film into the queue: one that the caller may see, or that is in the party",
            tag: PartyRoutes.tag, input: QueueAddition.self, output: PartyQueueView.self, status: .created,
            errors: Self.changing.merging(["queue_full": 409, "film_queued": 409, "film_endless": 409]) { $1 }, noun: "party", resource: finder.partyInPath
        ) { input, call in
            try await change(.add(input.mediaId), call)
        }
    }

    private var move: Route {
        .json(
            .put, "/api/parties/{id}/queue/{entry}", .joinInParty, "Put an entry at another place, where it stays whatever is voted",
            tag: PartyRoutes.tag, input: QueuePlace.self, output: PartyQueueView.self, errors: Self.changing, noun: "party",
            resource: finder.partyInPath
        ) { input, call in
            try await change(.move(call.entry, to: input.index), call)
        }
    }

    private var remove: Route {
        route(.delete, "/queue/{entry}", "Take an entry out of the queue; what is shown gives way to the next") { .remove($0) }
    }

    private var vote: Route {
        route(.put, "/queue/{entry}/vote", "Vote for an entry: more votes come first") { .vote($0, isFor: true) }
    }

    private var unvote: Route {
        route(.delete, "/queue/{entry}/vote", "Take the vote back") { .vote($0, isFor: false) }
    }

    private var skip: Route {
        route(.put, "/skip", "Vote to go on to the next film; done when half of those who are there do") { _ in .skip(true) }
    }

    private var unskip: Route { route(.delete, "/skip", "Take that vote back") { _ in .skip(false) } }

    private func route(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, change wanted: @escaping @Sendable (String) -> PartyService.QueueChange
    ) -> Route {
        .json(
            method, "/api/parties/{id}" + path, .joinInParty, summary, tag: PartyRoutes.tag, output: PartyQueueView.self,
            errors: Self.changing.merging(["nothing_shown": 409]) { $1 }, noun: "party", resource: finder.partyInPath
        ) { call in
            try await change(wanted(call.entry), call)
        }
    }

    private func change(_ change: PartyService.QueueChange, _ call: Call) async throws -> PartyQueueView {
        try await service.change(change, of: try call.party(), by: try call.actor(), as: call.principal)
    }

    private var film: Route {
        .json(
            .get, "/api/parties/{id}/queue/{entry}/film", .readParty, "What is to be played, with URLs that open this film alone",
            tag: PartyRoutes.tag, output: PartyFilmView.self, errors: ["not_joined": 409], noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.filmView(of: call.entry, in: try call.party(), for: try call.actor(), as: call.principal)
        }
    }

    private var library: Route {
        .json(
            .get, "/api/parties/{id}/library", .readParty, "The films that the caller could put into the queue, the newest first",
            tag: PartyRoutes.tag, query: Route.paging, output: Page<LibraryFilmView>.self, errors: ["not_joined": 409],
            noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.library(
                of: try call.party(), for: try call.actor(), as: call.principal, after: try call.cursor(),
                limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }
}

/// A film for the queue.
struct QueueAddition: WireType {
    var mediaId: PhotoID

    static let schema = Schema.object([.field("mediaId", .formatted(.uuid), "A film.")])
}

/// Where an entry is to be.
struct QueuePlace: WireType {
    var index: Int

    static let schema = Schema.object([.field("index", .integer(0...Int64(QueueRules.maxEntries)), "From 0; beyond the end is the end.")])
}
