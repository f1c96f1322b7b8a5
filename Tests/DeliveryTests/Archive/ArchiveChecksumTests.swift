import Core
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import ObjectStore
import TestSupport
import Testing

@testable import Delivery

@Suite("Turns of archives that are being prepared")
struct FairTurnsTests {
    private static let sessions = (0..<3).map { SessionID(at: Timestamp(milliseconds: $0)) }

    private static func subject(_ session: Int, _ selection: String? = nil) -> ArchiveSubject {
        ArchiveSubject(session: sessions[session], selection: selection, files: .originals, isForDesk: false)
    }

    @Test("go from session to session, however many archives of each there are")
    func sessions() {
        var turns = FairTurns()
        let (a, b, c) = (["1", "2", "3"].map { Self.subject(0, $0) }, Self.subject(1), Self.subject(2))
        let areTaken = (a + [b, c]).map { turns.add($0) }
        #expect(areTaken == [true, true, true, true, true])
        var taken: [ArchiveSubject] = []
        for _ in 0..<7 {
            let next = turns.order[0]
            taken.append(next)
            turns.took(next)
        }
        #expect(taken == [a[0], b, c, a[1], b, c, a[2]])
        // One that needs no turn lets the others go first.
        #expect(turns.order == [b, c, a[0], a[1], a[2]])
        for one in [b, b, a[0]] { turns.remove(one) }
        #expect(turns.order == [c, a[1], a[2]])
        for one in [c] + a { turns.remove(one) }
        #expect(turns.order.isEmpty)
    }

    @Test("are given to so many archives, of all and of one session")
    func limits() {
        var turns = FairTurns()
        var areTaken = (0..<FairTurns.maximumOfSession).map { turns.add(Self.subject(0, "\($0)")) }
        areTaken += [turns.add(Self.subject(0, "more")), turns.add(Self.subject(1))]
        turns.remove(Self.subject(0, "3"))
        areTaken.append(turns.add(Self.subject(0, "more")))
        #expect(areTaken == [Bool](repeating: true, count: FairTurns.maximumOfSession) + [false, true, true])
        for index in 0..<FairTurns.maximum { _ = turns.add(Self.subject(0, "other")) || turns.add(Self.other(index)) }
        #expect(turns.order.count == FairTurns.maximum)
    }

    private static func other(_ index: Int) -> ArchiveSubject {
        ArchiveSubject(session: SessionID(at: Timestamp(milliseconds: Int64(10 + index))), files: .originals, isForDesk: false)
    }
}

@Suite("Preparing archives")
struct ArchivePreparationTests {
    @Test("a store in which nothing can be found is not there: none of its files is noted as lost", arguments: [200, 20])
    func emptiness(_ count: Int) async throws {
        try await TestStores.withDisk { store in
            try await ArchiveBench.with(store) { bench in
                try await bench.add(.noise(9), "a.jpg", isKnown: false)
                bench.catalog.change { files in
                    let file = files[0]
                    files = (0..<count).map { index in
                        var copy = file
                        (copy.objectKey, copy.name) = (.original(OriginalID(at: TestFile.modified)), "\(index).jpg")
                        return copy
                    }
                }
                for _ in 0..<2 { #expect(try await bench.get().status == 503) }
                #expect(bench.catalog.missing.isEmpty)
                // Once one of them is there, the others are lost.
                try await bench.put(.noise(9), as: bench.catalog.files[0].objectKey)
                #expect(try await bench.get().status == 200)
                #expect(Set(bench.catalog.missing.map(\.objectKey)) == Set(bench.catalog.files.dropFirst().map(\.objectKey)))
            }
        }
    }

    @Test("a session with many files does not keep others waiting")
    func fairness() async throws {
        try await TestStores.withDisk { base in
            // Nothing is read before both wait.
            let gate = Inbox<Void>()
            let store = CountingStore(base, gate: gate, isElsewhere: true)
            let folder = try TemporaryFolder("checksums")
            let catalog = SharedArchives()
            let (busy, quiet) = (SessionID(at: Timestamp(milliseconds: 1)), SessionID(at: Timestamp(milliseconds: 2)))
            for (session, count) in [(busy, 700), (quiet, 2)] {
                for index in 0..<count {
                    let key = ObjectKey.original(OriginalID(at: TestFile.modified))
                    try Data.noise(index + 1).write(to: URL(fileURLWithPath: folder.file("a")))
                    try await store.adopt(folder.file("a"), as: key, durable: false)
                    catalog.add(
                        ArchivedFile(
                            name: "\(index).jpg", objectKey: key, size: Int64(index + 1), sha256: "", crc32: nil,
                            modifiedAt: TestFile.modified), to: session)
                }
            }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let removals = PlaceRemovals(store, threads: .singleton, capacity: 1 << 20, clock: SystemWallClock())
            let checksums = ArchiveChecksums(
                catalog, FileChecksums(store, threads: .singleton, removals: removals), losses: ArchiveLosses(catalog, store, logger: logger),
                patience: .seconds(30))
            func prepare(_ session: SessionID) async throws {
                let subject = ArchiveSubject(session: session, files: .originals, isForDesk: true)
                guard let listing = try await catalog.listing(subject) else { return }
                try await checksums.find(listing, for: subject)
            }
            async let first: Void = prepare(busy)
            try await eventually("the busy one to begin") { await checksums.count == 1 ? () : nil }
            async let second: Void = prepare(quiet)
            try await eventually("the other to wait") { await checksums.count == 2 ? () : nil }
            gate.close()
            try await second
            #expect(catalog.known(quiet) == 2 && catalog.known(busy) < 700)
            try await first
            #expect(catalog.known(busy) == 700)
        }
    }
}

/// Files of several sessions.
private final class SharedArchives: ArchiveCatalog {
    private let files = NIOLockedValueBox<[SessionID: [ArchivedFile]]>([:])

    func add(_ file: ArchivedFile, to session: SessionID) { files.withLockedValue { $0[session, default: []].append(file) } }
    func known(_ session: SessionID) -> Int { files.withLockedValue { $0[session]?.count { $0.crc32 != nil } ?? 0 } }

    func listing(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        files.withLockedValue { files in
            var listing = ArchiveListingBuilder(title: "One")
            for file in files[subject.session] ?? [] { listing.append(file) }
            return listing.listing
        }
    }

    func note(_ checksums: [(file: ArchivedFile, crc32: UInt32?)], of session: SessionID) async throws {
        let sums = Dictionary(uniqueKeysWithValues: checksums.map { ($0.file.objectKey, $0.crc32) })
        files.withLockedValue { files in
            files[session] = files[session]?.map { file in
                var file = file
                if let sum = sums[file.objectKey] { file.crc32 = sum }
                return file
            }
        }
    }

    func revision(_ subject: ArchiveSubject) async throws -> String? { nil }
    func gives(_ objects: [ObjectKey], in subject: ArchiveSubject) async throws -> Bool { true }
    func tellsPlaces(_ session: SessionID) async throws -> Bool? { true }
    func doubts(of session: SessionID, limit: Int) async throws -> [MissingObject] { [] }
    func note(missing objects: [MissingObject], of session: SessionID) async throws -> [MissingObject] { objects }
    func note(found objects: [ObjectKey], of session: SessionID) async throws {}
    func select(_ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser) async throws -> String { "" }
}
