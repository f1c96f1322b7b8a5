import Core
import HTTPTypes
import HummingbirdCore
import Logging
import WebServer

/// "Resumable Uploads for HTTP" on the paths of tus and of whole files: headers in, headers out; what they mean is decided
/// by `DraftMachine`.
struct DraftRoutes: Sendable {
    /// How long an answer waits for the digest that was asked for with it: hashing is seldom far behind the last byte.
    static let digestPatience = Duration.seconds(5)

    let service: IngestService

    private var machine: DraftMachine { service.drafts }
    private var now: Timestamp { service.clock.now() }

    /// Hands a request to this dialect if it is meant, and to the other otherwise.
    func dispatch(
        _ own: @escaping @Sendable (DraftRequest, Call) async throws -> Reply, else other: @escaping Route.Handler
    ) -> Route.Handler {
        { call in
            let headers = call.request.headers
            guard DraftRequest.isMeant(by: headers, call.request.method) else { return try await other(call) }
            let request = DraftRequest(headers)
            return try await answer(request, call) { try await own(request, call) }
        }
    }

    /// OPTIONS: what a request that begins an upload has to keep to.
    func capabilities(_ call: Call) -> HTTPFields {
        let version = DraftRequest(call.request.headers).version
        return machine.capabilities(version, lifetime: service.configuration.expiresAfter.milliseconds / 1000)
    }

    // MARK: Requests

    /// POST to the collection.
    func create(_ request: DraftRequest, _ call: Call) async throws -> Reply {
        try await create(request, call) { length throws(Problem) in
            try DraftDeclaration.read(call.request.headers, query: call.query, length: length)
        }
    }

    /// A file for a place that is named by the path; the invitation to make its transfer resumable is taken.
    func create(
        _ request: DraftRequest, _ call: Call, declare: (_ length: Int64?) throws(Problem) -> UploadDeclaration
    ) async throws -> Reply {
        let opening = try machine.creation(request, declare: declare)
        let upload = try await service.begin(opening, from: call.principal, incoming(request, call, from: 0)) { upload in
            let headers = machine.announcement(request.version, of: upload, location: location(of: upload, call), at: now)
            guard let headers else { return false }
            return await call.inform(.uploadResumptionSupported, headers: headers)
        }
        await call.passUnneededBody(of: upload)
        return try await received(request, upload, call)
    }

    func status(_ request: DraftRequest, _ call: Call) async throws -> Reply {
        let upload = try await service.status(try await checked(request, .status, call).id)
        return Reply(.noContent, headers: await status(request, upload))
    }

    func view(_ request: DraftRequest, _ call: Call) async throws -> Reply {
        let upload = try await service.status(try await checked(request, .status, call).id)
        return try .json(UploadView(upload), headers: await status(request, upload))
    }

    private func status(_ request: DraftRequest, _ upload: Upload) async -> HTTPFields {
        var headers = machine.status(request.version, upload, at: now)
        headers[.reprDigest] = await digest(request, upload, within: .zero)
        return headers
    }

    func append(_ request: DraftRequest, _ call: Call) async throws -> Reply {
        let upload = try await checked(request, .append, call)
        let incoming = incoming(request, call, from: request.offset ?? 0)
        let appended = try await service.append(to: upload.id, from: call.principal, incoming) { upload in
            try machine.append(request, to: upload, at: now)
        }
        return try await received(request, appended, call)
    }

    func terminate(_ request: DraftRequest, _ call: Call) async throws -> Reply {
        try await service.terminate(try await checked(request, .terminate, call).id)
        return Reply(.noContent)
    }

    private func checked(_ request: DraftRequest, _ method: UploadMethod, _ call: Call) async throws -> Upload {
        let upload = try machine.check(request, method, on: try await service.find(try call.id(of: "upload")), at: now)
        try await service.admission.admitContinuation(of: upload.sessionID, from: call.principal)
        return upload
    }

    private func incoming(_ request: DraftRequest, _ call: Call, from offset: Int64) -> IngestService.Incoming<RequestBody> {
        var incoming = IngestService.Incoming(body: call.request.body, accept: { await call.acceptBody() })
        guard request.version.informsOfProgress else { return incoming }
        let informer = ResumptionInformer(from: offset) { offset in
            guard let headers = machine.progress(request.version, offset: offset) else { return }
            await call.inform(.uploadResumptionSupported, headers: headers)
        }
        incoming.confirmed = { offset in await informer.confirmed(offset) }
        return incoming
    }

    // MARK: Answers

    private func location(of upload: Upload, _ call: Call) -> String { UploadAddress.url(of: upload.id, baseURL: call.baseURL) }

    /// A complete upload is answered as any whole file is.
    private func received(_ request: DraftRequest, _ upload: Upload, _ call: Call) async throws -> Reply {
        var headers = machine.received(request.version, upload, at: now)
        headers[.reprDigest] = await digest(request, upload, within: Self.digestPatience)
        headers[.location] = location(of: upload, call)
        if upload.state != .receiving { return try .json(UploadView(upload), status: .created, headers: headers) }
        let isAppend = call.request.method == .patch
        return Reply(isAppend && !request.version.answersOffset ? .noContent : .created, headers: headers)
    }

    /// `Repr-Digest` of a complete upload for who wants it (RFC 9530 section 4).
    private func digest(_ request: DraftRequest, _ upload: Upload, within limit: Duration) async -> String? {
        guard request.wantsDigest else { return nil }
        return await service.sha256(of: upload, within: limit).map(DigestField.text)
    }

    /// Every refusal says that it is one, and not the answer of a complete upload.
    func answer(_ request: DraftRequest, _ call: Call, _ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let problem as Problem {
            throw machine.refusal(problem, request.version, on: try? await upload(of: call), at: now)
        } catch let error as DatabaseError where error.isTransient {
            let busy = Problem.unavailable("busy", "The server is busy; try again shortly.")
            throw machine.refusal(busy, request.version, on: nil, at: now)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            call.logger.error("upload request failed", metadata: ["error": "\(error)"])
            throw machine.refusal(.internalError, request.version, on: nil, at: now)
        }
    }

    private func upload(of call: Call) async throws -> Upload? {
        guard call.parameters["name"] == nil, let id = call.parameters["id"].flatMap(UploadID.init) else { return nil }
        return try await service.find(id)
    }
}
