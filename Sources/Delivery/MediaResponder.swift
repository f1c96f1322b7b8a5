public import Core
public import HTTPTypes
import Hummingbird
public import NIOPosix
public import ObjectStore
import WebServer

/// Answers `/media/` requests: finds the file, checks the grant, then conditionals, range and bytes.
public struct MediaResponder: Sendable {
    let access: MediaAccess
    private let catalog: any MediaCatalog
    private let bytes: MediaBytes
    private let redirects: MediaRedirects?
    private let wishes: (any RenditionWishes)?
    private let lookups: LookupCache<MediaPath, FoundMedia>

    public struct Configuration: Sendable {
        /// Bytes of small renditions kept in memory.
        public var hotBytes = 64 << 20
        /// Lookups kept for a second, so that a hundred guests cost one query.
        public var lookups = 4096
        /// Whether clients are sent to the store for large files if it can give out URLs, instead of passing the bytes on.
        /// A URL stays good for its lifetime even when the grant is taken back before.
        public var redirects = false
        /// How long a client may begin to fetch a file; at least a second, at most seven days.
        public var linkLifetime = Duration.seconds(900)
        /// The same for what is played, and for as long as it can be wound back and forth.
        public var playbackLifetime = Duration.seconds(6 * 3600)

        public init() {}
    }

    /// - Parameters:
    ///   - objects: its connections are held by readers for as long as these take: it should share them with nobody who
    ///     must not wait, as uploads.
    ///   - threads: file threads, started; never an event loop's.
    ///   - wishes: hears which AVIF files are missing, for which others stand in meanwhile; `nil` when none are made on demand.
    public init(
        catalog: any MediaCatalog, objects: any StreamingObjectStore, grants: any GrantChecker, sessions: any SessionAccess,
        threads: NIOThreadPool, wishes: (any RenditionWishes)? = nil, clock: any WallClock, configuration: Configuration = .init()
    ) {
        self.catalog = catalog
        self.access = MediaAccess(grants: grants, sessions: sessions)
        self.bytes = MediaBytes(objects, threads: threads, hotBytes: configuration.hotBytes, clock: clock)
        self.redirects = MediaRedirects(objects, configuration)
        self.wishes = wishes
        self.lookups = LookupCache(capacity: configuration.lookups, lifetime: .seconds(1), clock: clock)
    }

    /// - Parameters:
    ///   - headers: the request's conditionals and range.
    ///   - isDownload: asks for a file to save instead of one to show.
    ///   - wantsBody: false for HEAD.
    /// - Throws: `Problem` 401, 404, 412 `precondition_failed`, 416 `range_not_satisfiable`; `ObjectStoreError`.
    func respond(
        to path: MediaPath, principal: Principal, grant: String?, headers: HTTPFields, isDownload: Bool, wantsBody: Bool
    ) async throws -> Reply {
        let readers = try access.readers(principal, grant: grant)
        guard var found = try await find(path) else { throw MediaAccess.hidden }
        try await access.check(found.file, readers)
        if case .rendition(let id, _, let recipe, _)? = found.standsInFrom { wishes?.wish(for: id, recipe: recipe) }
        let document = try await document(path, found.file, grant: grant)
        if let document { found.file = document.file }
        return try await respond(
            found, document, found.relevant(headers), isDownload: isDownload, wantsBody: wantsBody)
    }

    private func respond(
        _ found: FoundMedia, _ document: GrantedDocument?, _ headers: HTTPFields, isDownload: Bool, wantsBody: Bool
    ) async throws -> Reply {
        let file = found.file
        let described = MediaHeaders(found, isDownload: isDownload)
        switch Conditionals.evaluate(headers, etag: described.etag, modified: file.modifiedAt) {
        case .notModified: return Reply(.notModified, headers: described.validators)
        case .failed: throw Problem(412, "precondition_failed", "The file is not the one you mean.")
        case .proceed(let usesRange):
            guard wantsBody else { return try await headReply(file, described, isAtHand: document != nil) }
            let range = usesRange ? ByteRange.evaluate(headers[.range], size: file.size) : .full
            if range != .unsatisfiable, document == nil,
                let reply = try redirects?.reply(found, headers, usesRange: usesRange, isDownload: isDownload)
            {
                return reply
            }
            return try await reply(file, document, described, range)
        }
    }

    /// What was written for this reader alone, when the file is a document and there is a grant to add.
    private func document(_ path: MediaPath, _ file: MediaFile, grant: String?) async throws -> GrantedDocument? {
        guard let grant, GrantedDocument.isAsked(path, file) else { return nil }
        return GrantedDocument(try await bytes.small(file), at: path, file, grant: grant)
    }

    private func reply(
        _ file: MediaFile, _ document: GrantedDocument?, _ described: MediaHeaders, _ range: ByteRange
    ) async throws -> Reply {
        switch range {
        case .unsatisfiable:
            throw Problem(
                416, "range_not_satisfiable", "The file has \(file.size) bytes.",
                headers: ["Content-Range": "bytes */\(file.size)", "ETag": described.etag])
        case .full:
            return Reply(.ok, headers: described.all, body: try await body(of: file, document, 0..<file.size))
        case .partial(let part):
            var headers = described.all
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
            return Reply(.partialContent, headers: headers, body: try await body(of: file, document, part))
        }
    }

    private func body(of file: MediaFile, _ document: GrantedDocument?, _ range: Range<Int64>) async throws -> ResponseBody {
        guard let document else { return try await bytes.body(of: file, range) }
        return try bytes.body(document.bytes, range)
    }

    /// The length without the bytes. `Range` has a meaning for GET only (RFC 9110 section 14.2).
    private func headReply(_ file: MediaFile, _ described: MediaHeaders, isAtHand: Bool) async throws -> Reply {
        if !isAtHand { try await bytes.require(file) }
        let body = ResponseBody(contentLength: Int(file.size)) { writer in try await writer.finish(nil) }
        return Reply(.ok, headers: described.all, body: body)
    }

    private func find(_ path: MediaPath) async throws -> FoundMedia? {
        if let known = lookups.value(path) { return known }
        let found = try await look(for: path)
        if let found { lookups.store(found, for: path) }
        return found
    }

    private func look(for path: MediaPath) async throws -> FoundMedia? {
        if let file = try await catalog.file(path) { return FoundMedia(file: file) }
        guard wishes != nil else { return nil }
        for other in path.standIns {
            if let file = try await catalog.file(other) { return FoundMedia(file: file, standsInFrom: other) }
        }
        return nil
    }
}
