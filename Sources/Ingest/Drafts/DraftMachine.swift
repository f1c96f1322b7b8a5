import Core

/// A request that creates an upload, understood.
struct DraftCreation: Sendable, Equatable {
    var creation: UploadCreation
    var append: UploadAppend
}

/// What "Resumable Uploads for HTTP" has to say to each request, in each of its versions: pure, so that a table of cases can
/// hold it to the drafts. The rules themselves are those of `UploadMachine`.
struct DraftMachine: Sendable {
    static let contentType = "application/partial-upload"

    let rules: UploadMachine

    /// A request with a body for a place that makes uploads.
    /// - Parameter declare: says what the file is, once its length is known.
    /// - Throws: `Problem` 400 or 413.
    func creation(
        _ request: DraftRequest, declare: (_ length: Int64?) throws(Problem) -> UploadDeclaration
    ) throws(Problem) -> DraftCreation {
        guard let isLast = request.isLast else { throw Self.missingCompleteness(request.version) }
        let step = request.step(offset: 0, ends: isLast)
        let length = try translated(request.version) { () throws(UploadFault) in try rules.opening(step) }
        let check = try check(request)
        let append = UploadAppend(
            offset: 0, newLength: nil, room: length ?? rules.maxSize, expected: request.contentLength, check: check,
            closes: isLast, isStrict: true)
        let creation = UploadCreation(
            declaration: try declare(length), metadata: "", hasBody: request.hasBody, check: check, isOpen: !isLast,
            acceptsKnown: request.acceptsKnown)
        return DraftCreation(creation: creation, append: append)
    }

    /// What can be said about a request to an upload before the upload is taken over from an older request.
    /// - Throws: `Problem` 400, 404, 409, 410, 413 or 415.
    func check(
        _ request: DraftRequest, _ method: UploadMethod, on upload: Upload?, at now: Timestamp
    ) throws(Problem) -> Upload {
        guard let upload else { throw Problem.notFound("upload") }
        if upload.isGone(at: now) { throw Self.gone(request.version) }
        if method != .append {
            if request.version.refusesStrayFields && request.hasAppendFields { throw Self.strayFields }
            return upload
        }
        if request.version.requiresMediaType && request.contentType != Self.contentType { throw Self.wrongContentType }
        let step = try step(request)
        _ = try check(request)
        // By the time it is held it may have more: only what fits to its row so far is held against it.
        if upload.state == .receiving, step.offset == upload.offset {
            _ = try translated(request.version) { () throws(UploadFault) in
                try rules.length(step, known: upload.length, offset: upload.offset)
            }
        }
        return upload
    }

    /// A PATCH, once the upload is held and its offset certain.
    /// - Throws: `Problem` 400, 404, 409, 410 or 413.
    func append(_ request: DraftRequest, to upload: Upload, at now: Timestamp) throws(Problem) -> UploadAppend {
        let step = try step(request)
        let version = request.version
        if upload.state != .receiving, !upload.isGone(at: now) { try checkAfterthought(step, to: upload, version) }
        var append = try translated(version) { () throws(UploadFault) in try rules.append(step, to: upload, at: now) }
        append.check = try check(request)
        append.closes = step.ends
        // The last one closes it only once it has succeeded.
        if !step.ends { append.isOpen = true }
        append.isStrict = true
        return append
    }

    private func checkAfterthought(_ step: UploadStep, to upload: Upload, _ version: DraftVersion) throws(Problem) {
        switch version.afterthought {
        case .repeatAnswer:
            let bringsNothing = step.ends && step.content ?? 0 == 0
            if step.offset == upload.offset, !bringsNothing { throw Self.inconsistentLength }
        case .badRequest: throw Self.completed(400)
        case .gone: throw step.content == 0 ? Self.completed(410) : Self.inconsistentLength
        }
    }

    private func step(_ request: DraftRequest) throws(Problem) -> UploadStep {
        guard let offset = request.offset else { throw Self.missingOffset }
        guard let ends = request.isLast ?? (request.version.appendsEndUnlessSaid ? true : nil) else {
            throw Self.missingCompleteness(request.version)
        }
        return request.step(offset: offset, ends: ends)
    }

    /// Unknown algorithms are not looked at (RFC 9530 section 2); of the known ones the strongest is.
    private func check(_ request: DraftRequest) throws(Problem) -> BodyCheck {
        BodyCheck(checksum: try request.contentDigest.flatMap(DigestField.checksum))
    }

    private func translated<Value>(
        _ version: DraftVersion, _ body: () throws(UploadFault) -> Value
    ) throws(Problem) -> Value {
        do { return try body() } catch { throw Self.problem(for: error, version, maxSize: rules.maxSize) }
    }
}
