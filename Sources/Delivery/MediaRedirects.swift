import Core
import HTTPTypes
import Metrics
import ObjectStore
import WebServer

/// Sends clients to the store for the bytes: 307 with a URL that is good for a while.
///
/// Who is sent there, and who is served through nevertheless:
/// - GET of what is too large for memory. A link is signed for GET alone, so HEAD is answered here.
/// - No request with `Authorization`: not every client drops it on the way to another host, where it would give the token
///   away, and S3 refuses a request that is authorized twice.
/// - No script (`Origin`, or `Sec-Fetch-Mode` other than `no-cors` and `navigate`): it may read the store's answer only if
///   the bucket's CORS rules say so, and these are not ours. What pages show (`img`, `video`) and what people open or save
///   needs none. Browsers send `Sec-Fetch-Mode` over TLS only: without it a script of our own pages is sent away as well.
/// - Nobody who gets other bytes than the store has: those of an original without the place it tells.
/// - Nobody who gets something in place of what is not there yet: that is never given in parts, and the store would give them.
/// - No request whose `If-Match`, `If-Unmodified-Since` or `If-Range` holds: it names our validators, and clients repeat
///   it to the store, which has others. One that does not hold may have come from the store, which then decides.
///
/// `Range` is decided here only as far as it cannot be satisfied (416): browsers and players repeat it, and the store
/// answers it. Players go on asking the store when they seek, so a link to a film outlives the film.
///
/// A link opens the file until it expires, even if the grant behind it is taken back before; and a page of the store's
/// origin could run what an original holds, so that must not be Lumiere's own. Whether the object is there is for the
/// store to say.
struct MediaRedirects: Sendable {
    private let objects: any StreamingObjectStore
    private let lifetime: Duration
    private let playbackLifetime: Duration
    private let redirected = Counter(label: "lumiere_media_redirects")

    /// Seconds a browser may go on using a redirect, at most.
    private static let longestAge: Int64 = 300

    /// `nil` when they are off.
    init?(_ objects: any StreamingObjectStore, _ configuration: MediaResponder.Configuration) {
        guard configuration.redirects else { return nil }
        self.objects = objects
        lifetime = configuration.linkLifetime
        playbackLifetime = configuration.playbackLifetime
    }

    /// The redirect, or `nil` when the file has to be served through.
    func reply(_ copy: MediaCopy, _ headers: HTTPFields, _ decision: MediaDecision, isDownload: Bool) throws -> Reply? {
        let file = copy.stored
        guard file.size > MediaBytes.smallFile, copy.isStored, copy.standsInFrom == nil, Self.allows(headers, usesRange: decision != .whole)
        else { return nil }
        let isPlayed = !isDownload && ["video/", "audio/"].contains { file.contentType.hasPrefix($0) }
        let lifetime = isPlayed ? playbackLifetime : lifetime
        let link = ObjectLink(
            lifetime: lifetime, contentType: file.contentType,
            contentDisposition: ContentDisposition.text(file.filename, isAttachment: isDownload))
        guard let address = try objects.address(of: file.objectKey, as: link) else { return nil }
        redirected.increment()
        return Reply(.temporaryRedirect, headers: Self.headers(address, copy, lifetime))
    }

    /// Whether a request may be sent elsewhere.
    /// - Parameter usesRange: whether it is given parts.
    static func allows(_ headers: HTTPFields, usesRange: Bool) -> Bool {
        if [.authorization, .origin, .ifMatch, .ifUnmodifiedSince].contains(where: headers.contains) { return false }
        if headers.contains(.ifRange), usesRange { return false }
        return headers[.secFetchMode].map { ["no-cors", "navigate"].contains($0) } ?? true
    }

    /// A browser uses the redirect for no more than half of the link's life: a download that begins then still can. Where
    /// the next answer may be another, it does not keep it.
    private static func headers(_ address: String, _ copy: MediaCopy, _ lifetime: Duration) -> HTTPFields {
        let age = min(longestAge, lifetime.components.seconds / 2)
        return [
            .location: address, .cacheControl: copy.isLasting ? "private, max-age=\(age)" : MediaHeaders.passing,
            .vary: "Authorization, Origin, Sec-Fetch-Mode, If-Match, If-Unmodified-Since, If-Range",
        ]
    }
}

extension HTTPField.Name {
    /// What a browser is up to (Fetch Metadata Request Headers, section 2.2).
    static let secFetchMode = HTTPField.Name("Sec-Fetch-Mode")!
}
