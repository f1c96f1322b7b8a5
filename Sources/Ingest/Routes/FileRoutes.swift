import Core
import HTTPTypes
import HummingbirdCore
import WebServer

/// The door for one-line scripts: `curl -T photo.jpg -H 'Authorization: Bearer …' …/api/sessions/{id}/files/`.
struct FileRoutes: Sendable {
    private static let path = "/api/sessions/{id}/files/{name}"

    let service: IngestService
    let drafts: DraftRoutes
    let access: any SessionAccess

    var routes: [Route] {
        [
            file(.put, "Sends a whole file into a session"),
            file(.post, "The same, for clients that cannot PUT"),
            Route(
                .options, Self.path, .readPublic, "The limits of a file, and that its transfer can be made resumable",
                tag: "uploads", output: .empty(.noContent),
                handler: { call in Reply(.noContent, headers: drafts.capabilities(call)) }),
        ]
    }

    private func file(_ method: HTTPRequest.Method, _ summary: String) -> Route {
        Route(
            method, Self.path, .continueUpload, summary, tag: "uploads",
            body: .stream(contentType: MediaTypeName.fallback), output: .json(.created, UploadView.schema),
            errors: [
                "unsupported_type": 415, "too_large": 413, "quota_exceeded": 413, "too_many_uploads": 429, "insufficient_storage": 507,
                "incomplete_body": 400,
            ].merging(Route.closedSessions) { first, _ in first },
            noun: "session", resource: { try await resource($0, $1) }, handler: receive)
    }

    private func receive(_ call: Call) async throws -> Reply {
        let headers = call.request.headers
        guard DraftRequest.isCreation(headers) else {
            return try await put(call, length: DraftRequest(headers).contentLength)
        }
        let request = DraftRequest(headers)
        return try await drafts.answer(request, call) {
            let declaration = try declaration(call, length: nil)
            return try await drafts.create(request, call) { length throws(Problem) in
                var declaration = declaration
                declaration.length = length
                return declaration
            }
        }
    }

    private func put(_ call: Call, length: Int64?) async throws -> Reply {
        guard length ?? 0 <= service.machine.maxSize else { throw TusMachine.tooLarge(service.machine.maxSize) }
        let upload = try await service.put(
            try declaration(call, length: length), from: call.principal, expecting: length,
            acceptsKnown: call.request.headers[.expect] != nil, .init(body: call.request.body, accept: { await call.acceptBody() }))
        return try .json(
            UploadView(upload), status: .created, headers: [.location: "\(call.baseURL)/api/uploads/\(upload.id)"])
    }

    private func declaration(_ call: Call, length: Int64?) throws -> UploadDeclaration {
        let session: SessionID = try call.id(of: "session")
        return UploadDeclaration(
            purpose: "session", target: session.description, filename: Self.filename(call.parameters),
            contentType: MediaTypeName.clean(call.request.headers[.contentType] ?? ""), length: length,
            sha256: try call.request.headers[.reprDigest].flatMap(DigestField.sha256))
    }

    /// The file's name from the path's parameters, which are percent-decoded already.
    static func filename(_ parameters: [String: String]) -> String { SafeFileName.clean(parameters["name"] ?? "") }

    private func resource(_ principal: Principal, _ parameters: [String: String]) async throws -> Resource {
        let session = SessionID(parameters["id"] ?? "") ?? SessionID(at: service.clock.now())
        return try await access.resource(principal, session)
    }
}
