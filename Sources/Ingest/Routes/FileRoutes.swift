import Core
import HTTPTypes
import HummingbirdCore
import WebServer

/// The door for one-line scripts: `curl -T photo.jpg -H 'Authorization: Bearer …' …/api/sessions/{id}/files/`.
struct FileRoutes: Sendable {
    let service: IngestService
    let access: any SessionAccess

    var routes: [Route] {
        [
            Route(
                .put, "/api/sessions/{id}/files/{name}", .continueUpload, "Sends a whole file into a session", tag: "uploads",
                body: .stream(contentType: MediaTypeName.fallback), output: .json(.created, UploadView.schema),
                errors: ["too_large": 413, "too_many_uploads": 429, "insufficient_storage": 507, "incomplete_body": 400],
                noun: "session",
                resource: { try await resource($0, $1) }, handler: put)
        ]
    }

    private func put(_ call: Call) async throws -> Reply {
        let session: SessionID = try call.id(of: "session")
        let headers = call.request.headers
        let length = headers[.transferEncoding] == nil ? headers[.contentLength].flatMap(ByteCount.parse) ?? 0 : nil
        guard length ?? 0 <= service.machine.maxSize else { throw TusMachine.tooLarge(service.machine.maxSize) }
        let declaration = UploadDeclaration(
            purpose: "session", target: session.description,
            filename: Self.filename(call.parameters),
            contentType: MediaTypeName.clean(headers[.contentType] ?? ""), length: length, sha256: nil)
        let upload = try await service.put(
            declaration, from: call.principal, expecting: length,
            .init(body: call.request.body, accept: { await call.acceptBody() }))
        return try .json(
            UploadView(upload), status: .created, headers: [.location: "\(call.baseURL)/api/uploads/\(upload.id)"])
    }

    /// The file's name from the path's parameters, which are percent-decoded already.
    static func filename(_ parameters: [String: String]) -> String { FileName.clean(parameters["name"] ?? "") }

    private func resource(_ principal: Principal, _ parameters: [String: String]) async throws -> Resource {
        let session = SessionID(parameters["id"] ?? "") ?? SessionID(at: service.clock.now())
        return try await access.resource(principal, session)
    }
}
