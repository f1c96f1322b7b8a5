import Core
import HTTPTypes
public import WebServer

/// `/api/sessions/{id}/archive` and `/api/sessions/{id}/archives`.
public struct ArchiveRoutes: Sendable {
    private let responder: ArchiveResponder

    public init(_ responder: ArchiveResponder) { self.responder = responder }

    public var routes: [Route] { [route(.get), route(.head), choose] }

    private func route(_ method: HTTPRequest.Method) -> Route {
        Route(
            method, "/api/sessions/{id}/archive", .readMedia,
            method == .get ? "The photos and films of a session as a ZIP archive" : "The headers of a session's archive",
            tag: "Archives",
            query: [
                .init("grant", .string(0...2000), "A grant token, instead of a bearer."),
                .init(
                    "files", .oneOf(ArchiveSubject.Files.allCases.map(\.rawValue)),
                    "The originals, or what can be seen; unless said, the originals where they may be had."),
                .init("selection", .string(0...64), "The name of a choice of photos."),
                .init("version", .string(0...64), "An archive's entity tag without its quotes: that archive, whatever has been added since."),
            ],
            output: .bytes(.ok, contentType: "application/zip"),
            errors: [
                "unauthorized": 401, "original_withheld": 403, "download_withheld": 403, "downloads_used_up": 403, "empty_archive": 409,
                "archive_changed": 409, "too_many_files": 409, "precondition_failed": 412, "range_not_satisfiable": 416,
                "archive_preparing": 503, "busy": 503, "storage_unavailable": 503,
            ], noun: "session"
        ) { call in
            var reply = try await responder.respond(
                to: try Self.request(call), principal: call.principal, grant: call.query["grant"], headers: call.request.headers,
                wantsBody: method == .get, over: call.channel)
            if let paces = responder.paces { paces.hold(&reply, to: call.remoteAddress) }
            return reply
        }
    }

    private static func request(_ call: Call) throws -> ArchiveResponder.Request {
        guard let session = SessionID(call.parameters["id"] ?? "") else { throw Problem.notFound("session") }
        var files: ArchiveSubject.Files?
        if let text = call.query["files"] {
            files = ArchiveSubject.Files(rawValue: text)
            if files == nil { throw Problem.badRequest("bad_query", "files must be originals or renditions.") }
        }
        return ArchiveResponder.Request(
            session: session, selection: try name(call, "selection"), files: files, version: try name(call, "version"))
    }

    /// What is given back in a header must not hold anything else.
    private static func name(_ call: Call, _ parameter: String) throws -> String? {
        guard let text = call.query[parameter] else { return nil }
        let isName = text.utf8.count <= 64 && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        guard isName else { throw Problem.notFound("archive") }
        return text
    }

    private var choose: Route {
        let sessions = responder.sessions
        return .json(
            .post, "/api/sessions/{id}/archives", .savePhoto, "A URL for an archive, of a choice of photos or of all", tag: "Archives",
            input: ArchiveChoice.self, output: ArchiveAddress.self, status: .created,
            errors: [
                "original_withheld": 403, "download_withheld": 403, "empty_archive": 409, "too_many_files": 409,
                "too_many_requests": 429, "archive_preparing": 503, "busy": 503,
            ], noun: "session",
            resource: { principal, parameters in
                guard let id = SessionID(parameters["id"] ?? "") else { return .house }
                return try await sessions.resource(principal, id)
            }
        ) { choice, call in
            try await responder.address(of: choice, in: try call.id(of: "session"), for: call.principal)
        }
    }
}

extension ArchiveResponder {
    /// Keeps a choice, and says where its archive is: a URL that opens it by itself for as long as the caller's media URLs.
    /// - Throws: `Problem` 404, 422, 429; of a choice that is `pinned`, as `respond`.
    func address(of choice: ArchiveChoice, in session: SessionID, for principal: Principal) async throws -> ArchiveAddress {
        // Whoever may save something holds something that can be signed, unless there is no such session.
        guard let token = try await tokens.mediaToken(of: principal, for: session) else { throw Problem.notFound("session") }
        var request = Request(session: session, files: choice.files)
        if let photos = choice.photos {
            request.selection = try await catalog.select(photos, in: session, by: ArchiveChooser(principal))
        }
        // By the rights that the URL carries, which is opened by nothing else.
        if choice.pinned == true { request.version = try await current(request, .anonymous, grant: token).2.tag }
        let path = request.path(version: request.version)
        return ArchiveAddress(selection: request.selection, url: "\(path)\(path.contains("?") ? "&" : "?")grant=\(token)")
    }
}

/// What is to be in an archive.
public struct ArchiveChoice: WireType {
    public var photos: [PhotoID]?
    public var files: ArchiveSubject.Files?
    public var pinned: Bool?

    public static let schema = Schema.object([
        .optional(
            "photos", .array(of: .formatted(.uuid), count: 1...ArchiveSubject.maximumSelection),
            "Their ids, of which others than the session's are left out; all there are, and will be, unless said."),
        .optional(
            "files", .oneOf(ArchiveSubject.Files.allCases.map(\.rawValue)),
            "The originals, or what can be seen; unless said, the originals where they may be had."),
        .optional(
            "pinned", .boolean,
            "Whether the URL is of the archive as it is now, to the last byte: for clients that go on without saying with what."),
    ])
}

/// Where an archive is.
public struct ArchiveAddress: WireType {
    public var selection: String?
    public var url: String

    public static let schema = Schema.object([
        .optional("selection", .string(), "The name of the choice, the same for the same photos and caller. Kept for up to 30 days."),
        .field("url", .string(), "To be fetched as it is, whole or in ranges."),
    ])
}
