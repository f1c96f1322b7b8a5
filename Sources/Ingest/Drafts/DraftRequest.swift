import HTTPTypes

/// The parts of an upload request in the language of the drafts that decisions are made on. A field whose value is not of
/// its type counts as absent.
struct DraftRequest: Sendable, Equatable {
    let version: DraftVersion
    /// Whether the end of the request is the end of the upload; `nil` when it does not say.
    let isLast: Bool?
    let offset: Int64?
    let length: Int64?
    let contentType: String
    /// Bytes of the body; `nil` when unknown (chunked).
    let contentLength: Int64?
    let contentDigest: String?
    /// The digest of the whole file is to be told, in an algorithm that is known here.
    let wantsDigest: Bool
    /// A file that is there already needs no bytes: the client says so, or brings all of it in this request but waits to be
    /// asked for it.
    let acceptsKnown: Bool
    /// There are fields of an append, whatever their values.
    let hasAppendFields: Bool

    init(_ headers: HTTPFields) {
        let saysIncomplete = headers[.uploadComplete] == nil && headers[.uploadIncomplete] != nil
        version = DraftVersion(headers[.uploadDraftInteropVersion], saysIncomplete: saysIncomplete)
        isLast = version.isComplete(headers[version.completeness])
        offset = StructuredField.count(headers[.uploadOffset])
        length = version.knowsLimits ? StructuredField.count(headers[.uploadLength]) : nil
        contentType = MediaTypeName.clean(headers[.contentType] ?? "")
        contentLength = headers[.transferEncoding] == nil ? headers[.contentLength].flatMap(ByteCount.parse) ?? 0 : nil
        contentDigest = headers[.contentDigest]
        wantsDigest = headers[.wantReprDigest].map(DigestField.asksForSHA256) ?? false
        let metadata = headers[.uploadMetadata].flatMap { try? UploadMetadata($0) }
        acceptsKnown = metadata?.acceptsKnown == true || isLast == true && headers[.expect] != nil
        hasAppendFields = headers[.uploadOffset] != nil || headers[version.completeness] != nil
    }

    var hasBody: Bool { contentLength != 0 }

    func step(offset: Int64, ends: Bool) -> UploadStep {
        UploadStep(offset: offset, length: length, content: contentLength, ends: ends)
    }
}

extension DraftRequest {
    /// Whether a request that brings a file invites us to make it resumable.
    static func isCreation(_ headers: HTTPFields) -> Bool {
        headers[.tusResumable] == nil && DraftRequest(headers).isLast != nil
    }

    /// Whether a request to the place where uploads are made, or to one of them, is in this language and not in that of tus:
    /// that one names itself in every request.
    static func isMeant(by headers: HTTPFields, _ method: HTTPRequest.Method) -> Bool {
        if headers[.tusResumable] != nil || headers[.methodOverride] != nil { return false }
        switch method {
        // Asking and ending need no field at all.
        case .head, .delete: return true
        case .get: return headers[.uploadDraftInteropVersion] != nil
        default:
            let own: [HTTPField.Name] = [.uploadDraftInteropVersion, .uploadComplete, .uploadIncomplete]
            return own.contains { headers[$0] != nil }
                || MediaTypeName.clean(headers[.contentType] ?? "") == DraftMachine.contentType
        }
    }
}
