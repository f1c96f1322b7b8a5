import Core
import NIOCore

/// Takes the files of a form one after another, each into an upload of its own, as they come.
struct FormReceiver: Sendable {
    /// Bytes of a field that is no file.
    static let maxField = 4096

    let service: IngestService
    let principal: Principal
    /// Bytes of refused files that are still read for the sake of those behind them.
    var maxSkipped = 64 << 20

    /// - Parameter session: where the files go, unless a field says so before the first of them.
    /// - Throws: `Problem` when none of the files has arrived: the reason that stopped the first, and what it kept from being read.
    func receive<Body>(_ reader: MultipartReader<Body>, into session: String?) async throws -> FormResult {
        var result = FormResult()
        var session = session
        var first: Problem?
        do {
            var room = maxSkipped
            while let header = try await reader.nextPart() {
                guard header.isFile else {
                    let text = try await reader.text(limit: Self.maxField)
                    if ["session", "sessionId"].contains(header.name), session == nil { session = text }
                    continue
                }
                if header.isUnnamed, try await !reader.hasBytes() { continue }
                let file = try await receive(header, reader, session)
                result.files.append(file.0)
                first = first ?? file.1
                if let failure = await reader.failure { throw failure }
                guard let skipped = try await reader.skip(limit: room) else {
                    result.problem = .init(Self.cutShort(behind: file.0.name, count: result.files.count))
                    break
                }
                room -= skipped
            }
        } catch let problem as Problem {
            first = first ?? problem
            result.problem = .init(problem)
        }
        if result.files.contains(where: { $0.upload != nil }) { return result }
        throw Self.refusal(of: result, first)
    }

    /// Of a form from which nothing has arrived. Who sent several files learns that some were not even looked at.
    private static func refusal(of result: FormResult, _ first: Problem?) -> Problem {
        guard var problem = first else { return .badRequest("no_files", "The form has no file: curl -F file=@photo.jpg") }
        if let cut = result.problem, cut.code == cutShortCode { problem.detail += " \(cut.detail)" }
        return problem
    }

    private static let cutShortCode = "form_cut_short"

    /// How many files follow cannot be known without reading them.
    private static func cutShort(behind name: String, count: Int) -> Problem {
        Problem(
            413, cutShortCode,
            """
            The form was read up to “\(name)”, which was refused and is too large to be passed over. Whatever follows file \(count) \
            of the form was not read: send it again without that one.
            """)
    }

    /// - Returns: what became of one file, and why it was refused.
    private func receive<Body>(
        _ header: MultipartHeader, _ reader: MultipartReader<Body>, _ session: String?
    ) async throws -> (FormResult.File, Problem?) {
        let name = SafeFileName.clean(header.filename ?? "")
        do {
            let upload = try await service.put(
                try declaration(header, name, session), from: principal, expecting: nil, .init(body: reader.part))
            return (FormResult.File(name: name, upload: UploadView(upload)), nil)
        } catch let refusal as Problem {
            // What the form lacks says more than what the file then lacked.
            let problem = await reader.failure ?? refusal
            return (FormResult.File(name: name, problem: .init(problem)), problem)
        }
    }

    private func declaration(_ header: MultipartHeader, _ name: String, _ session: String?) throws(Problem) -> UploadDeclaration {
        guard let target = session.flatMap(SessionID.init) else {
            throw Problem.badRequest("upload_target_missing", "Name the session that the files are for, as `session`, before them.")
        }
        return UploadDeclaration(
            purpose: "session", target: target.description, filename: name,
            contentType: MediaTypeName.clean(header.contentType ?? ""), length: nil, sha256: nil)
    }
}

extension MultipartHeader {
    /// A file has a name, if only that of the field.
    var isFile: Bool { filename != nil || name == "file" }

    /// What an `<input type=file>` sends in which nothing was chosen has no name, and no bytes either.
    var isUnnamed: Bool { filename?.isEmpty ?? true }
}
