import Core
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import ObjectStore
import TestSupport
import Testing

@testable import Delivery

@Suite("Archives that are listed at the same time")
struct ArchiveShelfTests {
    private static func subject(_ number: Int) -> ArchiveSubject {
        ArchiveSubject(session: SessionID(at: Timestamp(milliseconds: Int64(number))), files: .originals, isForDesk: true)
    }

    private static func shelf(_ catalog: GatedArchives, _ store: any StreamingObjectStore) -> ArchiveShelf {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let clock = SystemWallClock()
        let removals = PlaceRemovals(store, threads: .singleton, capacity: 1 << 20, clock: clock)
        let checksums = ArchiveChecksums(
            catalog, FileChecksums(store, threads: .singleton, removals: removals),
            losses: ArchiveLosses(catalog, store, logger: logger), patience: .seconds(30))
        return ArchiveShelf(catalog, store, checksums: checksums, clock: clock)
    }

    @Test("are few; others wait for their turns, and when too many wait, the next is told to come back")
    func turns() async throws {
        try await TestStores.withDisk { store in
            let (most, waiting) = (ListingTurns<Void>.maximum, ListingTurns<Void>.maximumWaiting)
            let (gate, room) = (Inbox<Void>(), most + waiting)
            let catalog = GatedArchives(gate)
            let shelf = Self.shelf(catalog, store)
            let statuses = try await within(.seconds(60)) {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0...room {
                        group.addTask {
                            do {
                                return try await shelf.contents(Self.subject(number)) == nil ? 404 : 200
                            } catch {
                                return (error as? Problem)?.status ?? 500
                            }
                        }
                    }
                    // Nobody else has an answer before the gate is open.
                    var statuses = [try await group.next() ?? 0]
                    try await eventually("as many as may be are listed") { catalog.most == most ? () : nil }
                    gate.close()
                    for try await status in group { statuses.append(status) }
                    return statuses
                }
            }
            #expect(statuses == [503] + [Int](repeating: 200, count: room))
            #expect(catalog.most == most)
            // Turns are given back.
            #expect(try await shelf.contents(Self.subject(room + 1)) != nil)
        }
    }
}

@Suite("Turns at listing archives")
struct ListingTurnsTests {
    private func session(_ number: Int64) -> SessionID { SessionID(at: Timestamp(milliseconds: number)) }

    @Test("are one of a session and few in all; then those that wait have theirs, a session after the other")
    func order() {
        var turns = ListingTurns<String>()
        let sessions = (0..<5).map { session(Int64($0)) }
        let begun = [0, 0, 1, 2, 3].map { turns.take(sessions[$0]) }
        #expect(begun == [true, false, true, true, false])
        for (index, name) in [(0, "0a"), (0, "0b"), (3, "3a"), (3, "3b"), (4, "4a")] { turns.wait(sessions[index], name) }
        let due = [1, 2, 3, 0, 0, 3, 4].map { turns.done(sessions[$0]) }
        #expect(due == [["3a"], ["4a"], ["3b"], ["0a"], ["0b"], [], []])
    }

    @Test("of a session only so many wait, and of all")
    func room() {
        var turns = ListingTurns<Int>()
        let crowded = session(0)
        for index in 0..<ListingTurns<Int>.maximumWaitingOfSession {
            let hasRoom = turns.hasRoom(crowded)
            #expect(hasRoom)
            turns.wait(crowded, index)
        }
        #expect(!turns.hasRoom(crowded) && turns.hasRoom(session(1)))
        for index in ListingTurns<Int>.maximumWaitingOfSession..<ListingTurns<Int>.maximumWaiting { turns.wait(session(Int64(1 + index)), index) }
        #expect(!turns.hasRoom(session(10_000)))
        // Each is given back.
        _ = turns.done(crowded)
        #expect(turns.hasRoom(session(10_000)))
    }
}

/// Archives without files, whose listings wait for a gate.
private final class GatedArchives: ArchiveCatalog {
    private let gate: Inbox<Void>
    private let listings = NIOLockedValueBox(Listings())

    private struct Listings {
        var running = 0
        var most = 0
    }

    init(_ gate: Inbox<Void>) { self.gate = gate }

    /// Listings that were made at the same time.
    var most: Int { listings.withLockedValue { $0.most } }

    func listing(_ subject: ArchiveSubject) async throws -> ArchiveListing? {
        listings.withLockedValue { listings in
            listings.running += 1
            listings.most = max(listings.most, listings.running)
        }
        defer { listings.withLockedValue { $0.running -= 1 } }
        try await gate.wait(for: "the gate") { _, isClosed in isClosed ? () : nil }
        return ArchiveListingBuilder(title: "One").listing
    }

    func revision(_ subject: ArchiveSubject) async throws -> String? { "" }
    func gives(_ objects: [ObjectKey], in subject: ArchiveSubject) async throws -> Bool { true }
    func tellsPlaces(_ session: SessionID) async throws -> Bool? { true }
    func doubts(of session: SessionID, limit: Int) async throws -> [MissingObject] { [] }
    func note(missing objects: [MissingObject], of session: SessionID) async throws -> [MissingObject] { objects }
    func note(found objects: [ObjectKey], of session: SessionID) async throws {}
    func note(_ checksums: [(file: ArchivedFile, crc32: UInt32?)], of session: SessionID) async throws {}
    func select(_ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser) async throws -> String { "" }
}
