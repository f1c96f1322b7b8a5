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
    static let closed = ["not_released": 403, "session_expired": 403, "session_archived": 403, "too_many_requests": 429]

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
            .get, "/api/sessions/{id}/links", .manageLinks, "The links into a session, newest first", tag: Self.tag,
            query: Route.paging, output: Page<LinkView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.list(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50),
                at: call.baseURL)
        }
    }

    private var read: Route {
        .json(
            .get, Self.one, .manageLinks, "One link", tag: Self.tag, output: LinkView.self, noun: "session",
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
            .get, "\(Self.one)/uses", .manageLinks, "What a link was used for, newest first", tag: Self.tag, query: Route.paging,
            output: Page<LinkUseView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.uses(
                of: try call.link(), in: try call.id(of: "session"), after: try call.cursor(),
                limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var code: Route {
        Route(
            .get, "\(Self.one)/qr", .manageLinks, "A link as a QR code", tag: Self.tag,
            query: [
                .init("format", .oneOf(CodePicture.formats), "`svg` unless said."),
                .init("correction", .oneOf(QRCorrection.allCases.map(\.rawValue)), "How much may be dirty or torn; `M` unless said."),
                .init("scale", .integer(1...32), "Pixels of a module's side in PNG files, 8 unless said."),
            ],
            output: .bytes(.ok, contentType: "image/*"), errors: ["bad_query": 400, "url_unknown": 409], noun: "session",
            resource: door.sessionInPath
        ) { call in
            let picture = try CodePicture(call)
            let link = try await service.view(try call.link(), in: try call.id(of: "session"), at: call.baseURL)
            return try picture.reply(of: link)
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

/// What a QR code is asked for as.
private struct CodePicture {
    static let formats = ["svg", "png"]

    let format: String
    let correction: QRCorrection
    let scale: Int

    /// - Throws: `Problem` 400 `bad_query`.
    init(_ call: Call) throws {
        format = call.query["format"] ?? "svg"
        guard Self.formats.contains(format), let correction = QRCorrection(rawValue: call.query["correction"] ?? "M") else {
            throw Problem.badRequest("bad_query", "format is svg or png, correction L, M, Q or H.")
        }
        self.correction = correction
        scale = try call.integer("scale", in: QRCode.scales, default: 8)
    }

    /// - Throws: `Problem` 409 `url_unknown`.
    func reply(of link: LinkView) throws -> Reply {
        guard let url = link.url, let code = try? QRCode(url, correction: correction) else {
            throw Problem.conflict("url_unknown", "The link still works, but its address is known no more: make another one.")
        }
        let headers: HTTPFields = [.cacheControl: "private, no-store"]
        return format == "svg"
            ? .bytes(Data(code.svg().utf8), type: "image/svg+xml", headers: headers)
            : .bytes(Data(code.png(scale: scale)), type: "image/png", headers: headers)
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
