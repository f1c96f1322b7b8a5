import Core
import Crypto
import Delivery
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOHTTP1
import NIOPosix
import ObjectStore
import TestSupport

/// A server that serves archives of what is in a store.
struct ArchiveBench: Sendable {
    let port: Int
    let store: any StreamingObjectStore
    let catalog: TestArchives
    let grants: ArchiveGrants
    let downloads: TestDownloads
    let tally: TestTally
    let folder: TemporaryFolder

    /// Runs one for the time of a closure.
    /// - Parameter other: where files are put, if not into the store of the server.
    static func with(
        _ store: any StreamingObjectStore, patience: Duration = .seconds(20), recheck: Duration = .zero,
        _ body: @escaping @Sendable (ArchiveBench) async throws -> Void
    ) async throws {
        let (catalog, grants, folder) = (TestArchives(), ArchiveGrants(), try TemporaryFolder("archives"))
        let (downloads, tally) = (TestDownloads(), TestTally())
        let media = MediaResponder(
            catalog: TestCatalog(), objects: store, grants: grants, sessions: NoSessions(), threads: .singleton,
            downloads: downloads, tally: tally, clock: SystemWallClock())
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let responder = ArchiveResponder(
            media, catalog: catalog, objects: store, tokens: TestTokens(), credentials: grants, threads: .singleton,
            clock: catalog.clock, logger: logger, patience: patience, recheck: recheck)
        try await withServer(ArchiveRoutes(responder).routes) { port in
            let bench = ArchiveBench(
                port: port, store: store, catalog: catalog, grants: grants, downloads: downloads, tally: tally, folder: folder)
            try await within(.seconds(60)) { try await body(bench) }
        }
    }

    /// Puts a file into the store and behind the others of the archive.
    /// - Parameter isElsewhere: whether another node has taken it in: what is remembered here is as fresh as it was.
    @discardableResult
    func add(
        _ bytes: Data, _ name: String, isPlaced: Bool = false, isKnown: Bool = true, isElsewhere: Bool = false
    ) async throws -> ArchivedFile {
        let path = folder.file("\(UUID())")
        try bytes.write(to: URL(fileURLWithPath: path))
        let key = ObjectKey.original(OriginalID(at: TestFile.modified))
        try await store.adopt(path, as: key, durable: false)
        let file = ArchivedFile(
            name: name, objectKey: key, size: Int64(bytes.count),
            sha256: SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined(), crc32: isKnown ? bytes.crc32 : nil,
            modifiedAt: TestFile.modified, form: isPlaced ? .placeless(crc32: nil) : .stored)
        catalog.change(isElsewhere: isElsewhere) { $0.append(file) }
        return file
    }

    /// Three files of several sizes, one of them of several chunks.
    func fill() async throws -> [Data] {
        let files = [Data.noise(700_003), Data(), Data.noise(20_000)]
        for (bytes, name) in zip(files, ["IMG_1.JPG", "été.jpg", "img_1.jpg"]) { try await add(bytes, name) }
        return files
    }

    func url(_ more: String = "", grant: String = ArchiveGrants.friend, on endpoint: String? = nil) -> String {
        "\(endpoint ?? "http://127.0.0.1:\(port)")/api/sessions/\(TestGrants.session)/archive?grant=\(grant)\(more)"
    }

    func get(_ headers: [String: String] = [:], more: String = "", grant: String = ArchiveGrants.friend) async throws -> MediaAnswer {
        try await MediaAnswer.of(url(more, grant: grant), headers: headers)
    }

    func head(_ headers: [String: String] = [:]) async throws -> MediaAnswer {
        try await MediaAnswer.of(url(), method: .HEAD, headers: headers)
    }

    /// Has somebody else look through an archive.
    /// - Returns: names and contents.
    func unpacked(_ archive: Data) async throws -> [String: Data] {
        let path = folder.file("\(UUID()).zip")
        try archive.write(to: URL(fileURLWithPath: path))
        let out = path + ".out"
        let tested = try await Tool("env").run(["LC_ALL=C.UTF-8", "unzip", "-q", path, "-d", out])
        guard tested.status == 0 else { throw Tool.Failure(description: "unzip: \(tested.status) \(tested.out) \(tested.err)") }
        let names = try FileManager.default.contentsOfDirectory(atPath: out)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(out)/\($0)"))) })
    }

    /// Reads a file of which there may be a part.
    func contents(_ path: String) -> Data { (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data() }
}

// MARK: What stands for other features

/// The files of the one session, and what has been noted of them.
final class TestArchives: ArchiveCatalog {
    private struct State: Sendable {
        var files: [ArchivedFile] = []
        var keys: Set<ObjectKey> = []
        var selections: [String: [PhotoID]] = [:]
        var subjects: [ArchiveSubject] = []
        var impossible: Set<ObjectKey> = []
        var missing: [MissingObject] = []
        var lookedAt: [ObjectKey: Timestamp] = [:]
        var tellsPlaces = true
        var isDown = false
        var changes = 0
        var questions = 0
    }

    private let state = NIOLockedValueBox(State())
    let clock = LeapingClock()

    func change(isElsewhere: Bool = false, _ body: (inout [ArchivedFile]) -> Void) {
        state.withLockedValue { state in
            state.changes += 1
            body(&state.files)
            state.keys = Set(state.files.map(\.objectKey))
        }
        // What is remembered is asked about again.
        if !isElsewhere { clock.leap() }
    }

    /// From now on the session hides where it was.
    func hidePlaces() {
        state.withLockedValue { state in
            state.changes += 1
            state.tellsPlaces = false
        }
    }

    /// From now on nobody can say whether places are hidden.
    func fall() { state.withLockedValue { $0.isDown = true } }

    var files: [ArchivedFile] { state.withLockedValue { $0.files } }
    var subjects: [ArchiveSubject] { state.withLockedValue { $0.subjects } }
    var selections: [String: [PhotoID]] { state.withLockedValue { $0.selections } }
    /// How often it was asked whether anything has changed.
    var questions: Int { state.withLockedValue { $0.questions } }
    var missing: [MissingObject] { state.withLockedValue { $0.missing } }

    func listing(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        guard subject.session == TestGrants.session else { return nil }
        return state.withLockedValue { state in
            state.subjects.append(subject)
            if let name = subject.selection, state.selections[name] == nil { return nil }
            var listing = ArchiveListingBuilder(title: "Été / 2026", revision: "\(state.changes)", tellsPlaces: state.tellsPlaces)
            let missing = Set(state.missing.map(\.objectKey))
            for var file in state.files {
                if subject.isForDesk { file.form = .stored }
                if file.isPlaceless && state.impossible.contains(file.objectKey) { continue }
                listing.append(missing.contains(file.objectKey) ? file.asMissing : file)
            }
            return listing.listing
        }
    }

    func revision(_ subject: ArchiveSubject) async throws -> String? {
        guard subject.session == TestGrants.session else { return nil }
        return state.withLockedValue { state in
            state.questions += 1
            return "\(state.changes)"
        }
    }

    func gives(_ objects: [ObjectKey], in subject: ArchiveSubject) async throws -> Bool {
        state.withLockedValue { $0.keys.isSuperset(of: objects) }
    }

    func tellsPlaces(_ session: SessionID) async throws -> Bool? {
        try state.withLockedValue { state in
            if state.isDown { throw DatabaseError.failed(code: "X", message: "down", statement: "") }
            return state.tellsPlaces
        }
    }

    func note(_ checksums: [(file: ArchivedFile, crc32: UInt32?)], of session: SessionID) async throws {
        state.withLockedValue { state in
            state.changes += 1
            for (file, crc32) in checksums {
                guard let index = state.files.firstIndex(where: { $0.objectKey == file.objectKey }) else { continue }
                if !file.isPlaceless {
                    state.files[index].crc32 = crc32
                } else if let crc32 {
                    state.files[index].form = .placeless(crc32: crc32)
                } else {
                    state.impossible.insert(file.objectKey)
                }
            }
        }
    }

    func doubts(of session: SessionID, limit: Int) async throws -> [MissingObject] {
        let time = clock.now() - MissingObject.doubt
        return state.withLockedValue { state in
            let due = state.missing.filter { state.lookedAt[$0.objectKey] ?? time <= time }
            return Array(due.sorted { state.lookedAt[$0.objectKey] ?? time < state.lookedAt[$1.objectKey] ?? time }.prefix(limit))
        }
    }

    func note(missing objects: [MissingObject], of session: SessionID) async throws -> [MissingObject] {
        let now = clock.now()
        return state.withLockedValue { state in
            for object in objects { state.lookedAt[object.objectKey] = now }
            for object in objects where !state.missing.contains(object) {
                state.changes += 1
                state.missing.append(object)
            }
            return objects
        }
    }

    func note(found objects: [ObjectKey], of session: SessionID) async throws {
        state.withLockedValue { state in
            state.changes += objects.count
            state.missing.removeAll { objects.contains($0.objectKey) }
        }
    }

    func select(_ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser) async throws -> String {
        state.withLockedValue { state in
            state.selections["chosen"] = photos
            return "chosen"
        }
    }
}

/// A clock that stands still between leaps.
final class LeapingClock: WallClock {
    private let time = NIOLockedValueBox(TestFile.modified)

    func now() -> Timestamp { time.withLockedValue { $0 } }
    func leap(_ duration: Duration = .seconds(60)) { time.withLockedValue { $0 = $0 + duration } }
}

final class ArchiveGrants: GrantChecker, RevocationChecker {
    /// Of one who may have the originals, one who may only look, staff, and one of another session.
    static let (friend, guest, staff, other) = ("friend", "guest", "staff", "other")
    /// Of one who may save nothing, and of one whose downloads are counted.
    static let (onlooker, counted) = ("onlooker", "counted")
    /// Of one who may have the originals for an hour.
    static let brief = "brief"
    private let revoked = NIOLockedValueBox(false)

    func revoke() { revoked.withLockedValue { $0 = true } }

    func check(_ token: String) -> GrantToken? {
        let rights: [String: Rights] = [
            Self.friend: [.view, .download, .original], Self.guest: .guest, Self.staff: .owner, Self.other: .owner,
            Self.onlooker: .view, Self.counted: [.view, .download, .counted], Self.brief: [.view, .download, .original],
        ]
        guard !isRevoked(), let held = rights[token] else { return nil }
        let session = token == Self.other ? SessionID(at: TestFile.modified) : TestGrants.session
        return GrantToken(
            grantID: GrantID(at: Timestamp(milliseconds: 0)), sessionID: session, rights: held.union(.mediaOnly),
            expiresAt: token == Self.brief ? TestFile.modified + .seconds(3600) : Timestamp(milliseconds: .max / 2))
    }

    private func isRevoked() -> Bool { revoked.withLockedValue { $0 } }
    func isRevoked(_ grant: GrantID) -> Bool { isRevoked() }
    func isRevoked(_ principal: Principal) -> Bool { isRevoked() }
    func sign(_ token: GrantToken) -> String { Self.friend }
}

private struct TestTokens: MediaTokenSource {
    func mediaToken(of principal: Principal, for session: SessionID) async throws -> String? { ArchiveGrants.staff }
}
