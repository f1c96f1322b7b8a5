public import Core
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import NIOPosix
public import ObjectStore
import WebServer

/// Answers with ZIP archives of sessions' photos, computed as they are sent: stored nowhere, and every range of them at hand.
public struct ArchiveResponder: Sendable {
    let access: MediaAccess
    /// `nil` where clients are given no pace.
    let paces: ClientPaces?
    let catalog: any ArchiveCatalog
    let sessions: any SessionAccess
    let tokens: any MediaTokenSource
    private let credentials: any RevocationChecker
    private let count: MediaCount
    private let shelf: ArchiveShelf
    private let body: ArchiveBody
    private let losses: ArchiveLosses
    private let clock: any WallClock
    private let recheck: Duration

    /// - Parameters:
    ///   - media: whose rules, and whose memory of places, count here too.
    ///   - tokens: signs the URLs that are given out.
    ///   - credentials: says who has to leave while an archive is being sent.
    ///   - threads: file threads, started; never an event loop's.
    ///   - patience: how long a request waits for checksums that nobody has kept.
    ///   - recheck: how often the database is asked whether somebody may still have what they are being sent.
    public init(
        _ media: MediaResponder, catalog: any ArchiveCatalog, objects: any StreamingObjectStore, tokens: any MediaTokenSource,
        credentials: any RevocationChecker, threads: NIOThreadPool, clock: any WallClock, logger: Logger,
        patience: Duration = .seconds(5), recheck: Duration = .seconds(2)
    ) {
        access = media.access
        paces = media.paces
        count = media.count
        sessions = media.access.sessions
        self.catalog = catalog
        self.tokens = tokens
        self.credentials = credentials
        self.clock = clock
        self.recheck = recheck
        losses = ArchiveLosses(catalog, objects, logger: logger)
        let files = FileChecksums(objects, threads: threads, removals: media.removals)
        let checksums = ArchiveChecksums(catalog, files, losses: losses, patience: patience)
        shelf = ArchiveShelf(catalog, objects, checksums: checksums, clock: clock)
        body = ArchiveBody(objects, threads: threads, removals: media.removals)
    }

    /// What is asked for.
    struct Request: Sendable {
        var session: SessionID
        var selection: String?
        var files: ArchiveSubject.Files?
        /// The tag of the archive that is meant, whatever has been added since; without quotes.
        var version: String?
    }

    /// - Parameters:
    ///   - headers: the request's conditionals and range.
    ///   - wantsBody: false for HEAD.
    ///   - channel: over which files leave without being read, if it can do that.
    /// - Throws: `Problem` 401, 403, 404, 409 `empty_archive`, `archive_changed` or `too_many_files`, 412
    ///   `precondition_failed`, 416 `range_not_satisfiable`, 503 `archive_preparing` or `busy`; `ObjectStoreError`.
    func respond(
        to request: Request, principal: Principal, grant: String?, headers: HTTPFields, wantsBody: Bool, over channel: any Channel
    ) async throws -> Reply {
        let (pass, subject, current) = try await current(request, principal, grant: grant)
        let contents = try await meant(current, subject, request.version, headers)
        let described = ArchiveHeaders(contents, request)
        let decision = MediaDecision(MediaConditions(headers), of: described.representation, isHead: !wantsBody)
        switch decision {
        case .notModified: return Reply(.notModified, headers: described.validators)
        case .preconditionFailed: throw Problem(412, "precondition_failed", "The archive is not the one you mean.")
        case .unsatisfiable: throw Self.unsatisfiable(described.representation)
        case .whole where !wantsBody:
            let nothing = ResponseBody(contentLength: Int(contents.layout.length)) { writer in try await writer.finish(nil) }
            return Reply(.ok, headers: described.all, body: nothing)
        case .whole, .part, .parts:
            try await access.count(contents.etag, by: pass.reader)
            if decision.sendsBeginning { count.note(archiveOf: request.session, by: pass.reader) }
            let watch = ArchiveWatch(
                pass, subject, contents, access, catalog, credentials, clock: clock, interval: recheck)
            return reply(contents, described, decision, watch, over: paces == nil ? channel : nil)
        }
    }

    /// The archive as it is now for whoever asks for it.
    /// - Throws: `Problem` as `respond`.
    func current(
        _ request: Request, _ principal: Principal, grant: String?
    ) async throws -> (MediaAccess.ArchivePass, ArchiveSubject, ArchiveContents) {
        let readers = try access.readers(principal, grant: grant)
        let pass = try await access.archivePass(request.session, readers, wanted: request.files)
        let subject = ArchiveSubject(
            session: request.session, selection: request.selection, files: pass.files, isForDesk: pass.isForDesk)
        return (pass, subject, try Self.present(await shelf.contents(subject)))
    }

    private static func present(_ contents: ArchiveContents?) throws -> ArchiveContents {
        guard let contents else { throw Problem.notFound("archive") }
        guard contents.layout.count > 0 else { throw Problem.conflict("empty_archive", "There is nothing to take away yet.") }
        return contents
    }

    /// The archive that a request goes on with, else the current one.
    private func meant(
        _ current: ArchiveContents, _ subject: ArchiveSubject, _ version: String?, _ headers: HTTPFields
    ) async throws -> ArchiveContents {
        guard let tags = version.map({ "\"\($0)\"" }) ?? headers[.ifRange] ?? headers[.ifMatch] else { return current }
        if let known = current.earlier(among: tags) { return known }
        var latest = current
        // Another node may know more files by now than are known here: none need be gone.
        if ArchiveContents.named(among: tags) != nil {
            latest = try Self.present(await shelf.latest(subject))
            if latest.tag != current.tag, let known = latest.earlier(among: tags) { return known }
        }
        if version == nil { return latest }
        throw Problem.conflict("archive_changed", "Files of that archive are gone or are others now. Begin anew.")
    }

    private static func unsatisfiable(_ archive: Representation) -> Problem {
        let range = MediaDecision.unsatisfiable.contentRange(size: archive.size)
        return Problem(
            416, "range_not_satisfiable", "The archive has \(archive.size) bytes.",
            headers: ["Content-Range": range ?? "", "ETag": archive.etag])
    }

    private func reply(
        _ contents: ArchiveContents, _ described: ArchiveHeaders, _ decision: MediaDecision, _ watch: ArchiveWatch,
        over channel: (any Channel)?
    ) -> Reply {
        let size = described.representation.size
        var headers = described.all
        headers[.contentRange] = decision.contentRange(size: size)
        let extent: BodyExtent
        switch decision {
        case .parts(let ranges):
            let body = MultipartRanges(ranges, size: size, contentType: ArchiveHeaders.contentType)
            headers[.contentType] = body.contentType
            extent = BodyExtent(body)
        case .part(let range): extent = BodyExtent(range)
        default: extent = BodyExtent(0..<size)
        }
        return Reply(
            decision.status, headers: headers,
            body: body.body(of: contents, extent, watch, over: channel) { [access, losses, shelf] file in
                // The connection ends in any case; what could not be noted is found by the next.
                let isThere = try? await losses.isStoreThere(contents.listing.sample(ArchiveLosses.sample))
                let isLost = isThere == true ? try? await losses.note(file, of: watch.subject.session) : nil
                await shelf.forget(watch.subject)
                // The next is another archive, by no fault of the guest's. Where nothing is lost it is the same.
                if isLost == true { try? await access.takeBack(contents.etag, by: watch.reader) }
            } withdrawn: { [access, shelf] in
                await shelf.forget(watch.subject)
                try? await access.takeBack(contents.etag, by: watch.reader)
            })
    }
}

/// The response headers of an archive.
struct ArchiveHeaders {
    static let contentType = "application/zip"

    let representation: Representation
    let validators: HTTPFields
    let all: HTTPFields

    init(_ contents: ArchiveContents, _ request: ArchiveResponder.Request) {
        representation = Representation(etag: contents.etag, modifiedAt: nil, size: contents.layout.length)
        var fields = HTTPFields()
        fields[.eTag] = contents.etag
        fields[.cacheControl] = MediaHeaders.passing
        fields[.vary] = "Authorization"
        // Where this very archive is, also when files have been added.
        fields[.contentLocation] = request.path(version: contents.tag)
        validators = fields
        fields[.contentType] = Self.contentType
        fields[.acceptRanges] = "bytes"
        let title = String(contents.listing.title.map { $0 == "/" || $0 == "\\" ? "-" : $0 })
        let name = SafeFileName.clean(title, or: "photos", maxLength: 120)
        fields[.contentDisposition] = ContentDisposition.text("\(name).zip", isAttachment: true)
        all = fields
    }
}

extension ArchiveResponder.Request {
    /// Without the grant.
    func path(version: String?) -> String {
        let query = [
            files.map { "files=\($0.rawValue)" }, selection.map { "selection=\($0)" }, version.map { "version=\($0)" },
        ].compactMap(\.self).joined(separator: "&")
        return "/api/sessions/\(session)/archive" + (query.isEmpty ? "" : "?\(query)")
    }
}
