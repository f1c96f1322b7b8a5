import HTTPTypes

/// What a request wants of an upload, in the words of any dialect.
enum UploadMethod: String, Sendable, CaseIterable {
    case create = "POST"
    case status = "HEAD"
    case append = "PATCH"
    case terminate = "DELETE"
}

/// The parts of an upload request that decisions are made on, as they came.
struct UploadRequest: Sendable, Equatable {
    var method: UploadMethod
    var version: String?
    var offset: String?
    var length: String?
    var deferLength: String?
    var metadata: String?
    var contentType: String?
    /// Bytes of the body; `nil` when unknown (chunked).
    var contentLength: Int64?
    var isChunked = false
    var checksum: String?
    /// `Trailer` names `Upload-Checksum`.
    var announcesChecksum = false
    var concat: String?
    /// What the URLs of ours begin with.
    var baseURL = ""
    /// The session that the creation's own URL names, for clients that cannot say it of each upload.
    var session: String?

    init(_ method: UploadMethod) { self.method = method }

    init(_ method: UploadMethod, headers: HTTPFields) {
        self.method = method
        self.version = headers[.tusResumable]
        self.offset = headers[.uploadOffset]
        self.length = headers[.uploadLength]
        self.deferLength = headers[.uploadDeferLength]
        self.metadata = headers[.uploadMetadata]
        self.contentType = headers[.contentType]
        self.contentLength = headers[.contentLength].flatMap(ByteCount.parse)
        self.isChunked = headers[.transferEncoding] != nil
        self.checksum = headers[.uploadChecksum]
        self.concat = headers[.uploadConcat]
        let trailers = (headers[.trailer] ?? "").split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }
        self.announcesChecksum = trailers.contains(HTTPField.Name.uploadChecksum.canonicalName)
    }

    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }
}

enum ByteCount {
    /// A whole number of digits alone: no sign, no space, within 63 bits.
    static func parse(_ text: String) -> Int64? {
        guard (1...19).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }
}
