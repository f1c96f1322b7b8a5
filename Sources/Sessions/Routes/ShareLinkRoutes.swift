import Core
import Foundation
import HTTPTypes
public import WebServer

/// `/api/sessions/{id}/links`, and the guests' entry by a link.
public struct ShareLinkRoutes: Sendable {
    private static let (tag, one) = ("Links", "/api/sessions/{id}/links/{link}")

    let service: ShareLinkService
    let door: SessionDoor

    public init(_ service: ShareLinkService, sessions: SessionService) {
        self.service = service
        self.door = SessionDoor(sessions)
    }

    /// What whoever may come in is answered by a session that is not open to guests, or too often asked.
    static let closed = [
        "not_released": 403, "session_expired": 403, "session_archived": 403, "party_locked": 403, "party_full": 409, "too_many_requests": 429,
    ]

    public var routes: [Route] { [create, list, read, update, remove, removeAll, uses, code, enter] }

    private var create: Route {
        .json(
            .post, "/api/sessions/{id}/links", .manageLinks, "Make a link into a session", tag: Self.tag, input: LinkInput.self,
            output: LinkView.self, status: .created, errors: ["too_many_links": 409, "busy": 503], noun: "session",
            resource: door.sessionInPath
        ) { input, call in
            try await service.create(input, in: try call.id(of: "session"), at: call.baseURL, by: call.principal)
        }
    }

    private var list: Route {
        .json(
            .get, "/api/sessions/{id}/links", .readLinks, "The links into a session, newest first", tag: Self.tag,
            query: Route.paging, output: Page<LinkView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.list(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50),
                at: call.baseURL)
        }
    }

    private var read: Route {
        .json(
            .get, Self.one, .readLinks, "One link", tag: Self.tag, output: LinkView.self, noun: "session",
            resource: door.sessionInPath
        ) { call in
            try await service.view(try call.link(), in: try call.id(of: "session"), at: call.baseURL)
        }
    }

    private var update: Route {
        .json(
            .put, Self.one, .manageLinks, "Change a link", tag: Self.tag, input: LinkChange.self, output: LinkView.self,
            errors: ["busy": 503], noun: "session", resource: door.sessionInPath
        ) { input, call in
            try await service.update(try call.link(), in: try call.id(of: "session"), input, at: call.baseURL, by: call.principal)
        }
    }

    private var remove: Route {
        .empty(
            .delete, Self.one, .manageLinks, "Remove a link and show out all who came in by it", tag: Self.tag, noun: "session",
            resource: door.sessionInPath
        ) { call in
            try await service.remove(try call.link(), in: try call.id(of: "session"), by: call.principal)
        }
    }

    private var removeAll: Route {
        .empty(
            .delete, "/api/sessions/{id}/links", .manageLinks, "Remove all links and show out all who came in by them", tag: Self.tag,
            noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.removeAll(in: try call.id(of: "session"), by: call.principal)
        }
    }

    private var uses: Route {
        .json(
            .get, "\(Self.one)/uses", .readLinks, "What a link was used for, newest first", tag: Self.tag, query: Route.paging,
            output: Page<LinkUseView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.uses(
                of: try call.link(), in: try call.id(of: "session"), after: try call.cursor(),
                limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var code: Route {
        Route(
            .get, "\(Self.one)/qr", .readLinks, "A link as a QR code", tag: Self.tag,
            query: QRPicture.query, output: .bytes(.ok, contentType: "image/*"), errors: ["bad_query": 400, "url_unknown": 409], noun: "session",
            resource: door.sessionInPath
        ) { call in
            let picture = try QRPicture(call)
            let link = try await service.view(try call.link(), in: try call.id(of: "session"), at: call.baseURL)
            guard let reply = link.url.flatMap({ picture.reply(of: $0, cacheControl: "private, no-store") }) else {
                throw Problem.conflict("url_unknown", "The link still works, but its address is known no more: make another one.")
            }
            return reply
        }
    }

    private var enter: Route {
        Route(
            .post, "/api/links/{token}/enter", .enterSession, "Enter a session by a link", tag: "Guests",
            body: .optionalJSON(LinkEntryRequest.schema), output: .json(.ok, Entry.schema),
            errors: [
                "not_found": 404, "link_expired": 403, "link_used_up": 403, "password_required": 403, "wrong_password": 403, "busy": 503,
            ].merging(Self.closed) { first, _ in first }, noun: "link"
        ) { call in
            let input = try call.input(LinkEntryRequest.self)
            let entry = try await service.enter(
                call.parameters["token"] ?? "", name: input.name, password: input.password, address: call.remoteAddress,
                as: call.principal)
            return try call.reply(entry, settingCookie: input.cookie ?? false)
        }
    }
}

extension Call {
    fileprivate func link() throws -> LinkID { try id("link", of: "link") }

    /// What a guest is told who has come in, with the media token as a cookie if they want it so.
    func reply(_ entry: Entry, settingCookie: Bool) throws -> Reply {
        var reply = try Reply.json(entry)
        if settingCookie {
            reply.headers[.setCookie] = MediaCookie.setting(
                entry.mediaToken, of: entry.session.id, until: entry.expiresAt, now: Timestamp(Date()),
                isSecure: baseURL.hasPrefix("https:"))
        }
        return reply
    }
}
