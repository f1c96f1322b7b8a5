public import Core
import Foundation
import Glibc
public import HTTPTypes
import Hummingbird
import NIOCore
public import NIOPosix
public import WebServer

/// Answers `/media/` requests: finds the file, checks the grant, then conditionals, range and bytes.
public struct MediaResponder: Sendable {
    let access: MediaAccess
    private let catalog: any MediaCatalog
    private let objects: any ObjectStore
    private let files: FileBody
    private let lookups: LookupCache<MediaPath, MediaFile>
    private let hot: LookupCache<String, ByteBuffer>

    /// Files up to this size are read in one go and may be kept in memory.
    private static let smallFile: Int64 = 256 * 1024

    public struct Configuration: Sendable {
        /// Bytes of small renditions kept in memory.
        public var hotBytes = 64 << 20
        /// Lookups kept for a second, so that a hundred guests cost one query.
        public var lookups = 4096

        public init() {}
    }

    /// - Parameter threads: file threads, started; never an event loop's.
    public init(
        catalog: any MediaCatalog, objects: any ObjectStore, grants: any GrantChecker, sessions: any SessionAccess,
        threads: NIOThreadPool, clock: any WallClock, configuration: Configuration = .init()
    ) {
        self.catalog = catalog
        self.objects = objects
        self.access = MediaAccess(grants: grants, sessions: sessions)
        self.files = FileBody(threads: threads)
        self.lookups = LookupCache(capacity: configuration.lookups, lifetime: .seconds(1), clock: clock)
        self.hot = LookupCache(capacity: configuration.hotBytes, lifetime: nil, clock: clock)
    }

    /// - Parameters:
    ///   - headers: the request's conditionals and range.
    ///   - isDownload: asks for a file to save instead of one to show.
    ///   - wantsBody: false for HEAD.
    /// - Throws: `Problem` 401, 404, 412 `precondition_failed`, 416 `range_not_satisfiable`.
    func respond(
        to path: MediaPath, principal: Principal, grant: String?, headers: HTTPFields, isDownload: Bool, wantsBody: Bool
    ) async throws -> Reply {
        let readers = try access.readers(principal, grant: grant)
        guard let file = try await find(path) else { throw MediaAccess.hidden }
        try await access.check(file, readers)
        let described = MediaHeaders(file, isDownload: isDownload)
        switch Conditionals.evaluate(headers, etag: described.etag, modified: file.modifiedAt) {
        case .notModified: return Reply(.notModified, headers: described.validators)
        case .failed: throw Problem(412, "precondition_failed", "The file is not the one you mean.")
        case .proceed(let usesRange):
            let range = usesRange && wantsBody ? ByteRange.evaluate(headers[.range], size: file.size) : .full
            return try await reply(file, described, range, wantsBody: wantsBody)
        }
    }

    private func reply(
        _ file: MediaFile, _ described: MediaHeaders, _ range: ByteRange, wantsBody: Bool
    ) async throws -> Reply {
        switch range {
        case .unsatisfiable:
            throw Problem(
                416, "range_not_satisfiable", "The file has \(file.size) bytes.",
                headers: ["Content-Range": "bytes */\(file.size)", "ETag": described.etag])
        case .full:
            let body = wantsBody ? try await body(of: file, 0..<file.size) : MediaResponder.announced(file.size)
            return Reply(.ok, headers: described.all, body: body)
        case .partial(let bytes):
            var headers = described.all
            headers[.contentRange] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(file.size)"
            return Reply(.partialContent, headers: headers, body: try await body(of: file, bytes))
        }
    }

    /// The length without the bytes, for HEAD.
    private static func announced(_ size: Int64) -> ResponseBody {
        ResponseBody(contentLength: Int(size)) { writer in try await writer.finish(nil) }
    }

    private func find(_ path: MediaPath) async throws -> MediaFile? {
        if let known = lookups.value(path) { return known }
        let file = try await catalog.file(path)
        if let file { lookups.store(file, for: path) }
        return file
    }

    private func body(of file: MediaFile, _ range: Range<Int64>) async throws -> ResponseBody {
        guard let path = objects.localPath(of: file.objectKey) else { throw MediaAccess.hidden }
        guard file.size <= Self.smallFile else {
            return try await found { try await files.body(path, range) }
        }
        let bytes = try await found { try await contents(of: file, at: path) }
        guard let part = bytes.getSlice(at: bytes.readerIndex + Int(range.lowerBound), length: range.count) else {
            throw MediaAccess.hidden
        }
        return files.body(part)
    }

    /// Turns a file that is no longer there into a 404.
    private func found<Value: Sendable>(_ read: () async throws -> Value) async throws -> Value {
        do { return try await read() } catch let error as IOError where error.errnoCode == ENOENT {
            throw MediaAccess.hidden
        }
    }

    private func contents(of file: MediaFile, at path: String) async throws -> ByteBuffer {
        if let bytes = hot.value(file.sha256) { return bytes }
        let bytes = try await files.contents(path, size: Int(file.size))
        hot.store(bytes, for: file.sha256, cost: Int(file.size))
        return bytes
    }
}

/// The response headers of a media file.
struct MediaHeaders {
    let etag: String
    let validators: HTTPFields
    let all: HTTPFields

    init(_ file: MediaFile, isDownload: Bool) {
        let etag = "\"\(file.sha256)\""
        var fields = HTTPFields()
        fields[.eTag] = etag
        fields[.lastModified] = HTTPDate.text(file.modifiedAt)
        fields[.cacheControl] = "private, max-age=31536000, immutable"
        self.etag = etag
        self.validators = fields
        fields[.contentType] = file.contentType
        fields[.acceptRanges] = "bytes"
        fields[.contentDisposition] = ContentDisposition.text(file.filename, isAttachment: isDownload)
        // An original is whatever somebody sent: it may be shown, but never run as a page of ours.
        fields[.contentSecurityPolicy] = "default-src 'none'; sandbox"
        self.all = fields
    }
}

/// `Content-Disposition` (RFC 6266) with the name in ASCII and, where that loses something, in UTF-8 (RFC 8187).
enum ContentDisposition {
    static func text(_ filename: String, isAttachment: Bool) -> String {
        let kind = isAttachment ? "attachment" : "inline"
        let plain = String(filename.unicodeScalars.map { isPlain($0) ? Character($0) : "_" })
        if plain == filename { return "\(kind); filename=\"\(plain)\"" }
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(encoded(filename))"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        (32...126).contains(scalar.value) && scalar != "\"" && scalar != "\\" && scalar != "%"
    }

    /// Percent-encodes all but RFC 8187's attr-char.
    private static func encoded(_ filename: String) -> String {
        let kept = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~")
        return filename.addingPercentEncoding(withAllowedCharacters: kept) ?? "file"
    }
}
