import Core
import HTTPTypes
import HummingbirdCore
import Logging
import WebServer

/// tus 1.0.0 over HTTP: headers in, headers out; what they mean is decided by `TusMachine`.
struct TusRoutes: Sendable {
    static let collection = UploadAddress.collection
    private static let one = collection + "/{id}"
    private static let tag = "uploads"
    private static let bytes = Route.Body.stream(contentType: TusMachine.contentType)
    private static let errors = [
        "unsupported_tus_version": 412, "upload_gone": 410, "upload_offset_mismatch": 409, "too_large": 413,
        "unsupported_content_type": 415, "upload_locked": 423, "checksum_mismatch": 460, "insufficient_storage": 507,
        "incomplete_body": 400, "too_many_uploads": 429, "storage_unavailable": 503, "final_upload": 403,
        "quota_exceeded": 413, "method_not_allowed": 405,
    ].merging(Route.closedSessions) { first, _ in first }

    let service: IngestService
    let access: any SessionAccess
    let drafts: DraftRoutes

    var routes: [Route] {
        [
            Route(
                .options, Self.collection, .readPublic, "What this server can do of tus 1.0.0, and the limits of an upload",
                tag: Self.tag, output: .empty(.noContent), handler: capabilities),
            Route(
                .options, Self.one, .readPublic, "What this server can do of tus 1.0.0, and the limits of an upload",
                tag: Self.tag, output: .empty(.noContent), handler: capabilities),
            Route(
                .post, Self.collection, .beginUpload, "Creates a resumable upload (tus 1.0.0, or the IETF drafts)",
                tag: Self.tag, body: Self.bytes,
                query: [Route.Query("session", .formatted(.uuid), "The session, for uploads whose metadata does not name it.")],
                output: .empty(.created),
                errors: Self.errors.merging([
                    "unsupported_type": 415, "upload_target_missing": 400, "bad_metadata": 400, "bad_concat": 400, "bad_checksum": 400,
                ]) { first, _ in first },
                handler: drafts.dispatch(drafts.create) { call in try await answer(call) { try await begin(call) } }),
            one(.head, "Says where an upload stands", .none, .empty(.ok), drafts.status),
            one(.patch, "Appends bytes to an upload", Self.bytes, .empty(.noContent), drafts.append),
            one(.delete, "Ends an upload", .none, .empty(.noContent), drafts.terminate),
            one(.post, "PATCH, HEAD or DELETE by X-HTTP-Method-Override (tus 1.0.0)", Self.bytes, .empty(.noContent)),
            Route(
                .get, Self.one, .continueUpload, "An upload and what became of it", tag: Self.tag,
                output: .json(.ok, UploadView.schema), errors: ["upload_gone": 410], noun: "upload",
                resource: { try await resource($0, $1) },
                handler: drafts.dispatch(drafts.view) { call in try await view(call) }),
        ]
    }

    /// - Parameter draft: the same request in the language of the IETF drafts.
    private func one(
        _ method: HTTPRequest.Method, _ summary: String, _ body: Route.Body, _ output: Route.Output,
        _ draft: (@Sendable (DraftRequest, Call) async throws -> Reply)? = nil
    ) -> Route {
        let tus: Route.Handler = { call in try await answer(call) { try await dispatch(call) } }
        return Route(
            method, Self.one, .continueUpload, summary, tag: Self.tag, body: body, output: output, errors: Self.errors,
            noun: "upload", resource: { try await decorated($0, $1) },
            handler: draft.map { drafts.dispatch($0, else: tus) } ?? tus)
    }

    // MARK: Requests

    private func capabilities(_ call: Call) async throws -> Reply {
        // What an override asks for has to pass the policy of its own route.
        guard call.methodName == "OPTIONS" else { throw Self.methodNotAllowed }
        var headers = service.machine.capabilities
        for field in drafts.capabilities(call) { headers[field.name] = field.value }
        return Reply(.noContent, headers: headers)
    }

    private func begin(_ call: Call) async throws -> Reply {
        switch call.methodName {
        case "POST": try await create(call)
        case "OPTIONS": try await capabilities(call)
        default: throw Self.collectionMethodNotAllowed
        }
    }

    private func create(_ call: Call) async throws -> Reply {
        var request = UploadRequest(.create, headers: call.request.headers)
        request.baseURL = call.baseURL
        request.session = call.query["session"]
        let creation = try service.machine.creation(request)
        let expected = request.isChunked ? nil : request.contentLength ?? 0
        let upload = try await service.create(creation, from: call.principal, expecting: expected, incoming(call))
        if creation.hasBody { await call.passUnneededBody(of: upload) }
        let location = UploadAddress.url(of: upload.id, baseURL: call.baseURL)
        return Reply(
            .created, headers: service.machine.created(upload, location: location, withBody: creation.hasBody))
    }

    private func dispatch(_ call: Call) async throws -> Reply {
        let request = UploadRequest(try method(of: call), headers: call.request.headers)
        let id: UploadID = try call.id(of: "upload")
        let upload = try service.machine.check(request, on: try await service.find(id), at: service.clock.now())
        try await service.admission.admitContinuation(of: upload.sessionID, from: call.principal)
        switch request.method {
        case .status:
            return Reply(.ok, headers: service.machine.status(try await service.withLength(try await service.status(id))))
        case .append:
            let upload = try await service.append(request, to: id, from: call.principal, incoming(call))
            return Reply(.noContent, headers: service.machine.appended(upload))
        case .terminate:
            try await service.terminate(id)
            return Reply(.noContent, headers: [.tusResumable: TusMachine.version])
        case .create: throw Self.methodNotAllowed
        }
    }

    private func view(_ call: Call) async throws -> Reply {
        if call.methodName != "GET" { return try await answer(call) { try await dispatch(call) } }
        guard let upload = try await service.find(try call.id(of: "upload")) else { throw Problem.notFound("upload") }
        guard upload.state != .terminated else { throw TusMachine.gone }
        return try .json(UploadView(upload))
    }

    private func method(of call: Call) throws -> UploadMethod {
        guard let method = UploadMethod(rawValue: call.methodName), method != .create else { throw Self.methodNotAllowed }
        return method
    }

    private static let methodNotAllowed = Problem(
        405, "method_not_allowed", "An upload takes HEAD, PATCH and DELETE.",
        headers: ["Allow": "OPTIONS, GET, HEAD, PATCH, DELETE, POST"])
    private static let collectionMethodNotAllowed = Problem(
        405, "method_not_allowed", "Uploads are created by POST.", headers: ["Allow": "OPTIONS, POST"])

    private func incoming(_ call: Call) -> IngestService.Incoming<RequestBody> {
        .init(body: call.request.body, accept: { await call.acceptBody() }, trailers: { await call.trailers() })
    }

    // MARK: Access and errors

    private func resource(_ principal: Principal, _ parameters: [String: String]) async throws -> Resource {
        guard let id = UploadID(parameters["id"] ?? ""), let upload = try await service.find(id) else {
            return .session(SessionID(at: service.clock.now()), held: [])
        }
        return try await access.resource(principal, upload.sessionID)
    }

    /// The resource, once the policy has allowed it: its refusals must carry the protocol's header too.
    private func decorated(_ principal: Principal, _ parameters: [String: String]) async throws -> Resource {
        do {
            let resource = try await resource(principal, parameters)
            try Policy.require(principal, .continueUpload, resource, what: "upload")
            return resource
        } catch let problem as Problem {
            throw problem.tusResumable
        }
    }

    /// Every answer carries `Tus-Resumable`, whatever went wrong.
    private func answer(_ call: Call, _ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let problem as Problem {
            throw problem.tusResumable
        } catch let error as DatabaseError where error.isTransient {
            throw Problem.unavailable("busy", "The server is busy; try again shortly.").tusResumable
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            call.logger.error("upload request failed", metadata: ["error": "\(error)"])
            throw Problem.internalError.tusResumable
        }
    }
}

extension Call {
    /// The override wins over the method (tus 1.0.0, X-HTTP-Method-Override).
    fileprivate var methodName: String { request.headers[.methodOverride]?.uppercased() ?? request.method.rawValue }
}

extension Problem {
    fileprivate var tusResumable: Problem {
        var problem = self
        problem.headers["Tus-Resumable"] = TusMachine.version
        return problem
    }
}
