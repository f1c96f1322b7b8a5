import Core
import HTTPTypes
import WebServer

/// The response headers of a media file.
struct MediaHeaders {
    let representation: Representation
    /// What a 304 says, too (RFC 9110 section 15.4.5); the rest the client has kept.
    let validators: HTTPFields
    let all: HTTPFields

    /// For what may be another next time.
    static let passing = "private, no-cache"

    init(_ copy: MediaCopy, isDownload: Bool) {
        let file = copy.described
        representation = Representation(
            etag: "\"\(file.sha256)\"", modifiedAt: copy.modifiedAt, size: file.size, hasParts: copy.standsInFrom == nil)
        var fields = HTTPFields()
        fields[.eTag] = representation.etag
        fields[.contentLocation] = copy.standsInFrom?.text
        fields[.cacheControl] = copy.isLasting ? "private, max-age=31536000, immutable" : Self.passing
        let vary = (copy.isChosen ? ["Accept"] : []) + (file.place == .untold ? [] : ["Authorization", "Cookie"])
        if !vary.isEmpty { fields[.vary] = vary.joined(separator: ", ") }
        validators = fields
        fields[.lastModified] = copy.modifiedAt.map(HTTPDate.text)
        fields[.contentType] = file.contentType
        fields[.acceptRanges] = representation.hasParts ? "bytes" : "none"
        fields[.contentDisposition] = ContentDisposition.text(file.filename, isAttachment: isDownload)
        // An original is whatever somebody sent: it may be shown, but never run as a page of ours.
        fields[.contentSecurityPolicy] = "default-src 'none'; sandbox"
        all = fields
    }

    /// Those of an answer with a body.
    func fields(_ decision: MediaDecision) -> HTTPFields {
        var fields = all
        fields[.contentRange] = decision.contentRange(size: representation.size)
        return fields
    }
}
