import AsyncHTTPClient
import Core
import Crypto
import Delivery
import Foundation
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import ObjectStore
import TestSupport
import WebServer

/// A server that serves the media of a store, and whatever stands for the other features.
struct MediaBench: Sendable {
    let port: Int
    let store: any StreamingObjectStore
    let catalog: TestCatalog
    let grants: TestGrants
    let wishes: TestWishes
    let downloads: TestDownloads
    let tally: TestTally
    let folder: TemporaryFolder

    /// Puts an object into a store and a file into the catalogue.
    /// - Parameter other: where it is put instead of the store of the server.
    func add(
        _ size: Int, contentType: String = "image/jpeg", filename: String = "IMG_1.JPG",
        into other: (any StreamingObjectStore)? = nil
    ) async throws -> TestFile {
        try await add(.noise(size), contentType: contentType, filename: filename, into: other)
    }

    func add(
        _ bytes: Data, contentType: String = "video/mp4", filename: String = "film.mp4",
        at path: MediaPath? = nil, place: MediaFile.Place = .untold, requiring rights: Rights = .view,
        into other: (any StreamingObjectStore)? = nil
    ) async throws -> TestFile {
        var file = TestFile(bytes, contentType: contentType, filename: filename, at: path, place: place)
        file.media.requiredRights = rights
        let path = folder.file("\(UUID())")
        try bytes.write(to: URL(fileURLWithPath: path))
        try await (other ?? store).adopt(path, as: file.media.objectKey, durable: false)
        catalog.add(file)
        return file
    }

    /// A large film: the same bytes over and over.
    func addLarge(_ bytes: Data, times: Int) async throws -> TestFile {
        let path = folder.file("\(UUID())")
        try Data().write(to: URL(fileURLWithPath: path))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        for _ in 0..<times { try handle.write(contentsOf: bytes) }
        try handle.close()
        var file = TestFile(bytes, contentType: "video/mp4", filename: "film.mp4")
        file.media.size = Int64(bytes.count * times)
        try await store.adopt(path, as: file.media.objectKey, durable: false)
        catalog.add(file)
        return file
    }

    func url(_ file: TestFile, _ more: String = "", grant: String = TestGrants.token) -> String {
        "http://127.0.0.1:\(port)\(file.path.text)?grant=\(grant)\(more)"
    }

    func get(_ file: TestFile, _ headers: [String: String] = [:], more: String = "") async throws -> MediaAnswer {
        try await MediaAnswer.of(url(file, more), headers: headers)
    }

    func head(_ file: TestFile, _ headers: [String: String] = [:]) async throws -> MediaAnswer {
        try await MediaAnswer.of(url(file), method: .HEAD, headers: headers)
    }
}

/// Runs a real server for the time of a closure.
func withMedia(
    on store: any StreamingObjectStore, _ configuration: MediaResponder.Configuration = .init(), wishing: Bool = true,
    limits: ConnectionLimits = .init(), proxies: TrustedProxies = .none,
    _ body: @escaping @Sendable (MediaBench) async throws -> Void
) async throws {
    let (catalog, grants, wishes, folder) = (TestCatalog(), TestGrants(), TestWishes(), try TemporaryFolder("media"))
    let (downloads, tally) = (TestDownloads(), TestTally())
    let responder = MediaResponder(
        catalog: catalog, objects: store, grants: grants, sessions: NoSessions(), threads: .singleton, downloads: downloads, tally: tally,
        wishes: wishing ? wishes : nil, clock: SystemWallClock(), configuration: configuration)
    try await withServer(MediaRoutes(responder).routes, direct: responder.direct, limits: limits, proxies: proxies) { port in
        let bench = MediaBench(
            port: port, store: store, catalog: catalog, grants: grants, wishes: wishes, downloads: downloads, tally: tally,
            folder: folder)
        try await within(.seconds(60)) { try await body(bench) }
    }
}

/// The same on a disk whose files a proxy at one of the addresses sends in the server's place.
func withOffloading(
    to proxies: TrustedProxies = .none, _ body: @escaping @Sendable (_ bench: MediaBench, _ root: String) async throws -> Void
) async throws {
    let folder = try TemporaryFolder("objects")
    let store = try DiskObjectStore(root: folder.path)
    var configuration = MediaResponder.Configuration()
    configuration.offload = .init(prefix: "/_objects/", root: store.root)
    try await withMedia(on: store, configuration, proxies: proxies) { try await body($0, store.root) }
    try await store.shutdown()
}

/// Runs a real server that answers some routes for the time of a closure.
func withServer(
    _ routes: [Route], direct: (any DirectResponder)? = nil, limits: ConnectionLimits = ConnectionLimits(),
    proxies: TrustedProxies = .none,
    _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
    var server = WebServerConfiguration()
    server.port = 0
    server.limits = limits
    server.trustedProxies = proxies
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let ports = Inbox<Int>()
    let application = WebServer.makeApplication(
        server, routes: RouteTable(routes, authenticator: AdminsOnly()), direct: direct,
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
    ) { ports.push($0) }
    let running = Task { try await application.run() }
    defer { running.cancel() }
    try await body(try await ports.wait(for: "a port") { elements, _ in elements.first })
}

extension MediaResponder.Configuration {
    static var redirecting: Self {
        var configuration = Self()
        configuration.redirects = true
        return configuration
    }
}

/// A file as the catalogue describes it, and its bytes.
struct TestFile: Sendable {
    let path: MediaPath
    var media: MediaFile
    let bytes: Data

    static let modified = Timestamp("2026-11-21T09:30:00Z")!

    init(
        _ bytes: Data, contentType: String, filename: String, at path: MediaPath? = nil, place: MediaFile.Place = .untold
    ) {
        self.bytes = bytes
        self.path = path ?? .original(OriginalID(at: Self.modified))
        media = MediaFile(
            sessionID: TestGrants.session, requiredRights: .view, objectKey: .original(OriginalID(at: Self.modified)),
            size: Int64(bytes.count), sha256: SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined(),
            contentType: contentType, filename: filename, modifiedAt: Self.modified, place: place)
    }

    var etag: String { "\"\(media.sha256)\"" }

    /// Whether this process has the file with that path open.
    static func isOpen(_ path: String) -> Bool {
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return descriptors.contains { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path }
    }
}

/// An answer, with its redirects not followed.
struct MediaAnswer: Sendable {
    let status: Int
    let headers: [String: String]
    var body = Data()
    /// Whether the connection ended before the body did.
    var isCut = false

    /// The stable name of a problem.
    var code: String? {
        get throws {
            let problem: JSONValue = try JSON.decode(from: body)
            return problem["code"]?.stringValue
        }
    }

    private static let client = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Its sockets hold little: left to itself, the kernel gives the reader of a large file tens of megabytes (`tcp_rmem`).
    private static let smallClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.http1_1ConnectionDebugInitializer = { $0.setOption(.socketOption(.so_rcvbuf), value: 64 << 10) }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// The body of an answer, chunk by chunk at the pace of whoever iterates over it.
    /// - Parameter holdingLittle: whether hardly anything waits on its way.
    static func stream(_ url: String, holdingLittle: Bool = false) async throws -> HTTPClientResponse.Body {
        try await (holdingLittle ? smallClient : client).execute(HTTPClientRequest(url: url), timeout: .seconds(60)).body
    }

    static func of(_ url: String, method: HTTPMethod = .GET, headers: [String: String]) async throws -> MediaAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: .seconds(30))
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            // Before as much as the head had come.
            return MediaAnswer(status: 0, headers: [:], isCut: true)
        }
        let fields = response.headers.map { ($0.name.lowercased(), $0.value) }
        var answer = MediaAnswer(
            status: Int(response.status.code), headers: Dictionary(fields, uniquingKeysWith: { first, _ in first }))
        do {
            for try await chunk in response.body { answer.body.append(contentsOf: chunk.readableBytesView) }
        } catch {
            answer.isCut = true
        }
        return answer
    }
}

// MARK: What stands for other features

final class TestCatalog: MediaCatalog {
    private let files = NIOLockedValueBox<[MediaPath: MediaFile]>([:])
    private let asked = NIOLockedValueBox(0)
    private let widths: [RenditionName: Int] = [.thumb: 240, .small: 480, .medium: 960, .large: 1920, .poster: 1920]

    func add(_ file: TestFile) { files.withLockedValue { $0[file.path] = file.media } }
    func remove(_ file: TestFile) { files.withLockedValue { $0[file.path] = nil } }

    /// How often it was asked.
    var lookups: Int { asked.withLockedValue { $0 } }

    func file(_ path: MediaPath) async throws -> MediaFile? {
        asked.withLockedValue { $0 += 1 }
        return files.withLockedValue { $0[path] }
    }

    func stills(of original: OriginalID, recipe: String) async throws -> [Rendition] {
        asked.withLockedValue { $0 += 1 }
        return files.withLockedValue { files in
            files.compactMap { path, file in
                guard case .rendition(original, let name, recipe: recipe, let format) = path, let width = widths[name] else { return nil }
                return Rendition(
                    originalID: original, name: name, format: format, recipe: recipe, width: width, height: width * 4 / 3, size: file.size,
                    sha256: file.sha256, objectKey: file.objectKey)
            }
        }
    }
}

/// Remembers what was wished for.
final class TestWishes: RenditionWishes {
    private let wishes = NIOLockedValueBox<[String]>([])

    var all: [String] { wishes.withLockedValue { $0 } }

    func wish(for original: OriginalID, recipe: String) { wishes.withLockedValue { $0.append("\(original) \(recipe)") } }
}

/// Remembers what was counted.
final class TestTally: MediaTally {
    private let uses = NIOLockedValueBox<[MediaUse]>([])

    /// What was counted since it was asked last.
    func take() -> [MediaUse] {
        uses.withLockedValue { uses in
            defer { uses = [] }
            return uses
        }
    }

    func note(_ use: MediaUse, of original: OriginalID?, in session: SessionID, by grant: GrantID) {
        uses.withLockedValue { $0.append(use) }
    }
}

/// Allows two downloads, and remembers which.
final class TestDownloads: DownloadCounter {
    private let begun = NIOLockedValueBox<[String]>([])

    var all: [String] { begun.withLockedValue { $0 } }

    func begin(_ content: String, with token: GrantToken) async throws {
        let isAllowed = begun.withLockedValue { begun in
            if begun.contains(content) { return true }
            if begun.count == 2 { return false }
            begun.append(content)
            return true
        }
        if !isAllowed { throw Problem.forbidden("No more.", code: "downloads_used_up") }
    }

    func takeBack(_ content: String, with token: GrantToken) async throws {
        begun.withLockedValue { $0.removeAll { $0 == content } }
    }
}

final class TestGrants: GrantChecker {
    static let token = "guest"
    static let staffToken = "staff"
    /// Of one who may look at what there is, and no more.
    static let lookingToken = "onlooker"
    /// Of another session.
    static let otherToken = "guest-of-another"
    /// Of one whose downloads are counted.
    static let countedToken = "counted"
    static let session = SessionID(at: Timestamp(milliseconds: 0))

    private static let rights: [String: Rights] = [
        token: [.view, .download, .mediaOnly], staffToken: [.view, .original, .desk, .download, .mediaOnly],
        lookingToken: [.view, .mediaOnly], otherToken: [.view, .download, .mediaOnly],
        countedToken: [.view, .original, .download, .counted, .mediaOnly],
    ]

    private let count = NIOLockedValueBox(0)
    private let revoked = NIOLockedValueBox(false)

    /// From now on no token opens anything.
    func revoke() { revoked.withLockedValue { $0 = true } }

    /// How often somebody was checked.
    var checks: Int { count.withLockedValue { $0 } }

    func check(_ token: String) -> GrantToken? {
        count.withLockedValue { $0 += 1 }
        guard let rights = Self.rights[token], !revoked.withLockedValue({ $0 }) else { return nil }
        let session = token == Self.otherToken ? SessionID(at: Timestamp(milliseconds: 1)) : Self.session
        return GrantToken(
            grantID: GrantID(at: Timestamp(milliseconds: 0)), sessionID: session, rights: rights,
            expiresAt: Timestamp(milliseconds: .max / 2))
    }

    func isRevoked(_ grant: GrantID) -> Bool { revoked.withLockedValue { $0 } }
    func sign(_ token: GrantToken) -> String { Self.token }
}

struct NoSessions: SessionAccess {
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource { .session(session, held: []) }
    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource { .house }
}

/// Whoever sends a bearer token is an administrator.
private struct AdminsOnly: Authenticator {
    func principal(bearer: String?) async throws -> Principal {
        let id = Timestamp(milliseconds: 0)
        return bearer == nil ? .anonymous : .user(UserID(at: id), role: .admin, device: DeviceID(at: id))
    }
}

extension Data {
    /// Bytes without a pattern, the same for the same count.
    static func noise(_ count: Int) -> Data {
        var random = SplitMix(state: UInt64(count))
        let words = (0..<count / 8 + 1).map { _ in random.next() }
        return words.withUnsafeBytes { Data($0.prefix(count)) }
    }
}
