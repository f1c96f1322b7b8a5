import Core
import HTTPTypes
import WebServer

/// The door for forms: `curl -F session=… -F file=@a.jpg -F file=@b.jpg …/api/photos/upload`.
struct FormRoutes: Sendable {
    /// RFC 4918 section 11.1.
    private static let multiStatus = HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status")

    let service: IngestService

    var routes: [Route] {
        [
            Route(
                .post, "/api/photos/upload", .beginUpload, "Sends whole files into a session as a form", tag: "uploads",
                body: .stream(contentType: "multipart/form-data"),
                query: [Route.Query("session", .formatted(.uuid), "Where the files go; or a form field before the first file.")],
                output: .json(.created, FormResult.schema),
                errors: [
                    "bad_multipart": 400, "incomplete_body": 400, "no_files": 400, "upload_target_missing": 400,
                    "not_found": 404, "unsupported_content_type": 415, "unsupported_type": 415, "too_large": 413, "quota_exceeded": 413, "too_many_uploads": 429,
                    "insufficient_storage": 507,
                ].merging(Route.closedSessions) { first, _ in first },
                handler: receive)
        ]
    }

    /// 201 when every file has arrived, 207 when some have; what stopped the first file when none has.
    private func receive(_ call: Call) async throws -> Reply {
        let parser = try MultipartParser(contentType: call.request.headers[.contentType] ?? "")
        let session = call.query["session"]
        if let session {
            guard let id = SessionID(session) else { throw Problem.notFound("session") }
            try await service.admission.admitContinuation(of: id, from: call.principal)
        }
        await call.acceptBody()
        let reader = MultipartReader(call.request.body, parser)
        let result = try await FormReceiver(service: service, principal: call.principal).receive(reader, into: session)
        let isWhole = result.problem == nil && result.files.allSatisfy { $0.upload != nil }
        return try .json(result, status: isWhole ? .created : Self.multiStatus)
    }
}
