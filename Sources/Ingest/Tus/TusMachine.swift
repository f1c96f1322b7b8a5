import Core

/// A request to create an upload, understood.
struct UploadCreation: Sendable, Equatable {
    var declaration: UploadDeclaration
    var metadata: String
    /// Bytes come along with the request.
    var hasBody: Bool
    var check = BodyCheck()
    /// Its client says when it is complete.
    var isOpen = false
    var concat = UploadConcat.alone
    /// Its client does not mind that it is complete from the beginning, should the file be there already.
    var acceptsKnown = false
}

/// An append, understood: where its bytes go and how many there may be.
struct UploadAppend: Sendable, Equatable {
    var offset: Int64
    /// The total length, when this request is the one that tells it.
    var newLength: Int64?
    /// Bytes that fit; one more is refused.
    var room: Int64
    /// What is said then.
    var excess = TusMachine.excess
    /// Bytes the request says it brings; `nil` when it does not say.
    var expected: Int64?
    var check = BodyCheck()
    /// The upload is complete once all of it has come.
    var closes = false
    /// Whether the upload, once it has its length, still waits for its client to say so; `nil` for as it was.
    var isOpen: Bool?
    /// More bytes than fit end the upload for good.
    var isStrict = false
}

/// What of a request's body has to be verified before any of it counts.
struct BodyCheck: Sendable, Equatable {
    /// What its digest has to be, if that is known in advance.
    var checksum: BodyChecksum?
    /// The digest follows the body in `Upload-Checksum`, a trailer field.
    var isInTrailer = false

    var isNeeded: Bool { checksum != nil || isInTrailer }
}

/// What tus 1.0.0 has to say to each request: pure, so that a table of cases can hold it to the specification. The rules
/// themselves are those of `UploadMachine`; `DraftMachine` says the same in another language.
struct TusMachine: Sendable {
    static let version = "1.0.0"
    static let extensions = [
        "creation", "creation-with-upload", "creation-defer-length", "termination", "expiration", "checksum",
        "checksum-trailer", "concatenation", "concatenation-unfinished",
    ]
    /// What `Upload-Checksum` may name.
    static let checksumAlgorithms: [ChecksumAlgorithm] = [.sha1, .sha256, .md5, .crc32]
    static let contentType = "application/offset+octet-stream"

    /// Bytes of the largest file.
    let maxSize: Int64

    var rules: UploadMachine { UploadMachine(maxSize: maxSize) }

    /// A POST to the collection.
    /// - Throws: `Problem` 412, 400, 413 or 415.
    func creation(_ request: UploadRequest) throws(Problem) -> UploadCreation {
        try checkVersion(request)
        let concat = try UploadConcat(request.concat, baseURL: request.baseURL)
        let length = try declaredLength(request, concat)
        if request.hasBody { try checkContentType(request) }
        let step = UploadStep(length: length, content: bodyLength(request))
        _ = try translated { () throws(UploadFault) in try rules.opening(step) }
        let metadata = request.metadata ?? ""
        var pairs = try UploadMetadata(metadata)
        pairs.add(request.session, under: "session")
        let declaration = try pairs.declaration(length: length)
        return UploadCreation(
            declaration: declaration, metadata: metadata, hasBody: request.hasBody, check: try check(request),
            concat: concat, acceptsKnown: pairs.acceptsKnown)
    }

    /// What can be said about a request to an upload before the upload is taken over from an older request:
    /// a malformed request must not disturb a healthy transfer.
    /// - Throws: `Problem` 412, 404, 410, 415, 400 or 413.
    func check(_ request: UploadRequest, on upload: Upload?, at now: Timestamp) throws(Problem) -> Upload {
        try checkVersion(request)
        guard let upload else { throw Problem.notFound("upload") }
        if upload.isGone(at: now) { throw Self.gone }
        guard request.method == .append else { return upload }
        if upload.isFinal { throw Self.finalUpload }
        try checkContentType(request)
        _ = try offset(request)
        let step = UploadStep(length: try toldLength(request))
        _ = try translated { () throws(UploadFault) in
            try rules.length(step, known: upload.length, offset: upload.offset)
        }
        _ = try check(request)
        return upload
    }

    /// A PATCH, once the upload is held and its offset certain.
    /// - Throws: `Problem` 410, 409, 400 or 413.
    func append(_ request: UploadRequest, to upload: Upload, at now: Timestamp) throws(Problem) -> UploadAppend {
        let step = UploadStep(
            offset: try offset(request), length: try toldLength(request), content: bodyLength(request))
        var append = try translated { () throws(UploadFault) in try rules.append(step, to: upload, at: now) }
        append.check = try check(request)
        append.isOpen = false
        return append
    }

    /// The value of the trailer field that was announced.
    /// - Throws: `Problem` 400, also when it did not come.
    static func checksum(trailer: String?) throws(Problem) -> BodyChecksum {
        guard let trailer else { throw Self.missingChecksum }
        return try BodyChecksum(tus: trailer, among: checksumAlgorithms)
    }

    private func check(_ request: UploadRequest) throws(Problem) -> BodyCheck {
        if let text = request.checksum {
            return BodyCheck(checksum: try BodyChecksum(tus: text, among: Self.checksumAlgorithms))
        }
        guard request.announcesChecksum else { return BodyCheck() }
        // Trailers end chunked bodies only: a proxy that has given this one a length has taken the checksum away.
        guard request.isChunked else { throw Self.missingChecksum }
        return BodyCheck(isInTrailer: true)
    }

    private func checkVersion(_ request: UploadRequest) throws(Problem) {
        guard request.version == Self.version else { throw Self.unsupportedVersion }
    }

    private func checkContentType(_ request: UploadRequest) throws(Problem) {
        guard MediaTypeName.clean(request.contentType ?? "") == Self.contentType else { throw Self.wrongContentType }
    }

    private func bodyLength(_ request: UploadRequest) -> Int64? {
        request.isChunked ? nil : request.contentLength ?? 0
    }

    private func declaredLength(_ request: UploadRequest, _ concat: UploadConcat) throws(Problem) -> Int64? {
        if case .final = concat {
            guard request.length == nil, request.deferLength == nil, !request.hasBody else { throw Self.finalLength }
            return nil
        }
        switch (request.length, request.deferLength) {
        case (let text?, nil): return try length(text)
        case (nil, "1"): return nil
        default: throw Problem.badRequest("bad_upload_length", "Send either Upload-Length or Upload-Defer-Length: 1.")
        }
    }

    private func length(_ text: String) throws(Problem) -> Int64 {
        guard let length = ByteCount.parse(text) else {
            throw Problem.badRequest("bad_upload_length", "Upload-Length must be a whole number of bytes.")
        }
        guard length <= maxSize else { throw Self.tooLarge(maxSize) }
        return length
    }

    private func offset(_ request: UploadRequest) throws(Problem) -> Int64 {
        guard let offset = request.offset.flatMap(ByteCount.parse) else {
            throw Problem.badRequest("bad_upload_offset", "Upload-Offset must be a whole number of bytes.")
        }
        return offset
    }

    private func toldLength(_ request: UploadRequest) throws(Problem) -> Int64? {
        if let text = request.length { try length(text) } else { nil }
    }

    private func translated<Value>(_ body: () throws(UploadFault) -> Value) throws(Problem) -> Value {
        do { return try body() } catch { throw Self.problem(for: error, maxSize: maxSize) }
    }
}
