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
    private let offload: MediaOffload?
    /// How fast each client is sent bodies; `nil` for as fast as it takes them.
    let paces: ClientPaces?
    private let wishes: (any RenditionWishes)?
    private let lookups: LookupCache<MediaPath, FoundMedia>
    private let stills: LookupCache<StillPath, [Rendition]>
    let removals: PlaceRemovals
    private let files: HotFiles
    private let clock: any WallClock
    let count: MediaCount
    /// Answers for it on the event loops what can be answered at once; `nil` where each client has its pace.
    public let direct: DirectMedia?

    public struct Configuration: Sendable {
        /// Bytes of small renditions kept in memory.
        public var hotBytes = 64 << 20
        /// Bytes kept of what is replaced in originals for those who may not learn where they were made.
        public var patchBytes = 32 << 20
        /// Lookups kept for a second, so that a hundred guests cost one query.
        public var lookups = 4096
        /// Whether clients are sent to the store for large files if it can give out URLs, instead of passing the bytes on.
        /// A URL stays good for its lifetime even when the grant is taken back before.
        public var redirects = false
        /// Where nginx in front has the local files of the store, if it is to send the large ones.
        public var offload: MediaOffload.Location?
        /// Bytes per second that one client address is sent; 0 for no limit.
        public var clientRate = 0
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
    ///   - downloads: counts those of guests whose links allow so many.
    ///   - tally: hears what guests look at and save.
    ///   - wishes: hears which AVIF files are missing, for which others stand in meanwhile; `nil` when none are made on demand.
    public init(
        catalog: any MediaCatalog, objects: any StreamingObjectStore, grants: any GrantChecker, sessions: any SessionAccess,
        threads: NIOThreadPool, downloads: (any DownloadCounter)? = nil, tally: (any MediaTally)? = nil,
        wishes: (any RenditionWishes)? = nil, clock: any WallClock, configuration: Configuration = .init()
    ) {
        self.catalog = catalog
        self.clock = clock
        let access = MediaAccess(grants: grants, sessions: sessions, downloads: downloads)
        let bytes = MediaBytes(objects, threads: threads, hotBytes: configuration.hotBytes, clock: clock)
        let files = HotFiles(catalog, objects, threads: threads, capacity: configuration.lookups, clock: clock)
        (self.access, self.bytes, self.files) = (access, bytes, files)
        let count = MediaCount(tally: tally)
        self.count = count
        let offload = MediaOffload(objects, configuration.offload)
        self.offload = offload
        let direct = DirectMedia(access, VerifiedGrants(grants, clock: clock), files, bytes, count, isOffloading: offload != nil)
        self.direct = configuration.clientRate > 0 ? nil : direct
        self.redirects = MediaRedirects(objects, configuration)
        self.paces = ClientPaces(bytesPerSecond: configuration.clientRate)
        self.wishes = wishes
        self.removals = PlaceRemovals(objects, threads: threads, capacity: configuration.patchBytes, clock: clock)
        self.lookups = LookupCache(capacity: configuration.lookups, lifetime: .seconds(1), clock: clock)
        self.stills = LookupCache(capacity: configuration.lookups, lifetime: .seconds(1), clock: clock)
    }

    /// - Parameters:
    ///   - headers: the request's conditionals, range and cookies.
    ///   - isDownload: asks for a file to save instead of one to show.
    ///   - wantsBody: false for HEAD.
    ///   - isFromProxy: whether a proxy of ours passes the request on.
    /// - Throws: `Problem` 401, 403 `original_withheld`, `download_withheld` or `downloads_used_up`, 404, 412 `precondition_failed`,
    ///   416 `range_not_satisfiable`; `ObjectStoreError`.
    func respond(
        to target: MediaTarget, principal: Principal, grant: String?, headers: HTTPFields, isDownload: Bool, wantsBody: Bool,
        isFromProxy: Bool
    ) async throws -> Reply {
        let (readers, path, found) = try await find(target, for: principal, grant: grant, headers)
        let tellsAll = try await access.check(found.file, readers)
        // An original is for saving, however it is asked for.
        let isSaved = isDownload || found.file.requiredRights.contains(.original)
        let counted = isSaved ? try await access.requireDownload(found.file, readers) : nil
        if found.isWish, case .rendition(let id, _, let recipe, _) = path { wishes?.wish(for: id, recipe: recipe) }
        var copy = tellsAll ? try await copy(of: found.file, at: path, grant: grant) : try await placelessCopy(of: found.file)
        (copy.standsInFrom, copy.isChosen) = (found.standsInFrom, found.isChosen)
        let reply = try await respond(copy, headers, isDownload: isDownload, wantsBody: wantsBody, isFromProxy: isFromProxy)
        // What gives nothing takes nothing.
        if wantsBody, let counted, reply.status != .notModified { try await access.count(found.file.sha256, by: counted) }
        if copy.isStored && copy.standsInFrom == nil {
            files.note(found.file, at: path, lookedUpAt: found.lookedUpAt, reply.file?.file as? OpenFile)
        }
        if wantsBody, MediaCount.begins(reply, range: headers[.range]) {
            count.note(path, found.file, isDownload: isDownload, by: readers)
        }
        return reply
    }

    private func respond(
        _ copy: MediaCopy, _ headers: HTTPFields, isDownload: Bool, wantsBody: Bool, isFromProxy: Bool
    ) async throws -> Reply {
        let described = MediaHeaders(copy, isDownload: isDownload)
        let conditions = MediaConditions(headers)
        let decision = MediaDecision(conditions, of: described.representation, isHead: !wantsBody)
        switch decision {
        case .notModified: return Reply(.notModified, headers: described.validators)
        case .preconditionFailed: throw Problem(412, "precondition_failed", "The file is not the one you mean.")
        case .unsatisfiable: throw Self.unsatisfiable(described.representation)
        case .whole where !wantsBody: return try await headReply(copy, described)
        case .whole, .part, .parts:
            if let reply = try redirects?.reply(copy, headers, decision, isDownload: isDownload) { return reply }
            if isFromProxy, let reply = try await offload?.reply(copy, described, conditions) { return reply }
            return try await reply(copy, described, decision)
        }
    }

    private static func unsatisfiable(_ file: Representation) -> Problem {
        let range = MediaDecision.unsatisfiable.contentRange(size: file.size)
        return Problem(
            416, "range_not_satisfiable", "The file has \(file.size) bytes.", headers: ["Content-Range": range ?? "", "ETag": file.etag])
    }

    /// The file itself, or what was written for this reader alone, when it is a document and there is a grant to add.
    private func copy(of file: MediaFile, at path: MediaPath, grant: String?) async throws -> MediaCopy {
        guard let grant, GrantedDocument.isAsked(path, file),
            let document = GrantedDocument(try await bytes.small(file), at: path, file, grant: grant)
        else { return MediaCopy(file) }
        return MediaCopy(document, of: file)
    }

    /// An original for somebody who may not learn where it was made.
    /// - Throws: `Problem` 403 `original_withheld` when nobody can say what it tells.
    private func placelessCopy(of file: MediaFile) async throws -> MediaCopy {
        switch try await bytes.found({ try await removals.outcome(of: file) }) {
        case .patches(let patches): return MediaCopy(file, patches)
        case .impossible:
            throw Problem.forbidden(
                "The session hides where it was, and this kind of file cannot be handed out without that. Fetch a rendition instead.",
                code: "original_withheld")
        }
    }

    private func reply(_ copy: MediaCopy, _ described: MediaHeaders, _ decision: MediaDecision) async throws -> Reply {
        var headers = described.fields(decision)
        let extent: BodyExtent
        switch decision {
        case .parts(let ranges):
            // Out of the fields, which hold valid values only.
            let body = MultipartRanges(ranges, size: copy.described.size, contentType: headers[.contentType] ?? "")
            headers[.contentType] = body.contentType
            extent = BodyExtent(body)
        case .part(let range): extent = BodyExtent(range)
        default: extent = BodyExtent(0..<copy.described.size)
        }
        let (body, file) = try await bytes.body(of: copy, extent)
        var reply = Reply(decision.status, headers: headers, body: body)
        if let file, copy.isStored, case .single(let range) = extent { reply.file = FilePart(file, range, sent: bytes.sent) }
        return reply
    }

    /// The length without the bytes. `Range` has a meaning for GET only (RFC 9110 section 14.2).
    private func headReply(_ copy: MediaCopy, _ described: MediaHeaders) async throws -> Reply {
        if case .text = copy.content {} else { try await bytes.require(copy.stored) }
        let body = ResponseBody(contentLength: Int(copy.described.size)) { writer in try await writer.finish(nil) }
        return Reply(.ok, headers: described.all, body: body)
    }

    /// What is asked for, and by whom: a stranger learns of nothing what there is.
    private func find(
        _ target: MediaTarget, for principal: Principal, grant: String?, _ headers: HTTPFields
    ) async throws -> (readers: [Principal], MediaPath, FoundMedia) {
        let cookie = headers[.cookie]
        let further = MediaCookie.furtherTokens(in: cookie)
        var readers = access.known(principal, grant: grant, cookie: cookie)
        // Nor does anybody reach the catalog who holds nothing.
        if readers.isEmpty && !further.contains(where: { access.grants.check($0) != nil }) { throw MediaAccess.unknown }
        let found = try await find(target, headers)
        // Of a cookie of many sessions, that of the file's counts wherever it stands.
        if !further.isEmpty, let session = found?.1.file.sessionID,
            let own = MediaCookie.token(in: cookie, of: session).flatMap(access.grants.check) {
            readers.append(.guest(own))
        }
        if readers.isEmpty { throw MediaAccess.unknown }
        guard let (path, file) = found else { throw MediaAccess.hidden }
        return (readers, path, file)
    }

    private func find(_ target: MediaTarget, _ headers: HTTPFields) async throws -> (MediaPath, FoundMedia)? {
        switch target {
        case .file(let path): return try await find(path).map { (path, $0) }
        case .still(let still, let width):
            let accepted = AcceptedTypes(headers[.accept])
            guard let choice = StillChoice(try await stills(of: still), still.name, width: width, accepted) else { return nil }
            let chosen = choice.rendition
            let path = MediaPath.rendition(chosen.originalID, chosen.name, recipe: chosen.recipe, chosen.format)
            guard var found = try await find(path) else { return nil }
            (found.standsInFrom, found.isChosen, found.isWish) = (path, true, choice.wantsAVIF)
            return (path, found)
        }
    }

    private func stills(of path: StillPath) async throws -> [Rendition] {
        let key = StillPath(path.originalID, .thumb, recipe: path.recipe)
        if let known = stills.value(key) { return known }
        let found = try await catalog.stills(of: path.originalID, recipe: path.recipe)
        if !found.isEmpty { stills.store(found, for: key) }
        return found
    }

    private func find(_ path: MediaPath) async throws -> FoundMedia? {
        if let known = lookups.value(path) { return known }
        let now = clock.now()
        guard var found = try await look(for: path) else { return nil }
        found.lookedUpAt = now
        lookups.store(found, for: path)
        return found
    }

    private func look(for path: MediaPath) async throws -> FoundMedia? {
        if let file = try await catalog.file(path) { return FoundMedia(file: file) }
        guard wishes != nil else { return nil }
        for other in path.standIns {
            if let file = try await catalog.file(other) { return FoundMedia(file: file, standsInFrom: other, isWish: true) }
        }
        return nil
    }
}
