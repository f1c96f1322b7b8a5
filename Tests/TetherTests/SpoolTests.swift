import Core
import Database
import TestSupport
import Testing

@testable import Tether

@Suite("The spool")
struct SpoolTests {
    private let folder: TemporaryFolder
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    init() throws { folder = try TemporaryFolder("spool") }

    private func open() async throws -> Spool { try await Spool.open(folder.file("spool.sqlite")) }

    private func file(_ name: String, size: Int64 = 10, modified: Int64 = 1, inode: Int64 = 1) -> ReadyFile {
        ReadyFile(path: "/shoot/" + name, facts: FileFacts(size: size, modified: modified, inode: inode))
    }

    /// Notices a file, finds out its content and sends a part of it.
    private func begin(_ file: ReadyFile, _ sha256: String, _ url: String, in spool: Spool) async throws -> SpooledFile {
        _ = try await spool.notice([file], at: now)
        var row = try #require(try await next(spool))
        #expect(try await spool.identify(row, as: sha256) != nil)
        (row.sha256, row.uploadURL, row.offset) = (sha256, url, 5)
        #expect(try await spool.record(row))
        return row
    }

    private func next(_ spool: Spool, beside busy: Set<Int64> = [], upTo kind: FileKind = .film) async throws -> SpooledFile? {
        try await spool.next(beside: busy, upTo: kind, at: now)
    }

    @Test("gives pictures before RAW files before films, the newest first")
    func order() async throws {
        let spool = try await open()
        let files = [
            file("film.mp4", modified: 9), file("raw.nef", modified: 8), file("old.jpg", modified: 1),
            file("new.jpg", modified: 2),
        ]
        #expect(try await spool.notice(files, at: now) == 4)
        var names: [String] = []
        var busy: Set<Int64> = []
        while let file = try await next(spool, beside: busy) {
            names.append(file.name)
            busy.insert(file.id)
        }
        #expect(names == ["new.jpg", "old.jpg", "raw.nef", "film.mp4"])
        #expect(try await next(spool, upTo: .raw)?.name == "new.jpg")
        #expect(try await spool.totals() == SpoolTotals(waiting: 4, waitingBytes: 40))
        try await spool.close()
    }

    @Test("remembers over a restart what was sent and how far uploads are")
    func restart() async throws {
        var spool = try await open()
        _ = try await spool.notice([file("a.jpg")], at: now)
        let b = try await begin(file("b.jpg", modified: 2), "bb", "http://h/1", in: spool)
        let a = try #require(try await next(spool, beside: [b.id]))
        #expect(try await spool.settle(a, as: .sent, at: now))
        try await spool.close()

        spool = try await open()
        #expect(try await spool.notice([file("a.jpg"), file("b.jpg", modified: 2)], at: now) == 0)
        #expect(try await next(spool) == b)
        #expect(try await next(spool, beside: [b.id]) == nil)
        try await spool.close()
    }

    @Test("takes new content under an old name for a new file, and gives up what was under way of the old one")
    func changed() async throws {
        let spool = try await open()
        let old = try await begin(file("a.jpg"), "aa", "http://h/1", in: spool)
        #expect(try await spool.notice([file("a.jpg", size: 11, modified: 2)], at: now) == 1)
        #expect(try await !spool.settle(old, as: .waiting, at: now))
        let new = try #require(try await next(spool))
        #expect(new.sha256 == nil && new.uploadURL == nil && new.offset == 0 && new.facts.size == 11)
        #expect(try await spool.identify(new, as: "bb") == SpooledContent(hasAbandoned: true))
        #expect(try await spool.nextEnding() == "http://h/1")
        // Given up once.
        #expect(try await spool.notice([file("a.jpg", size: 12, modified: 3)], at: now) == 1)
        #expect(try await spool.identify(try #require(try await next(spool)), as: "cc") == SpooledContent())
        try await spool.close()
        let later = try await open()
        try await later.ended(try #require(try await later.nextEnding()))
        #expect(try await later.nextEnding() == nil)
        try await later.close()
    }

    @Test("goes on with the upload of a content that has come under another number, time or name", arguments: ["a.jpg", "b.jpg"])
    func renumbered(name: String) async throws {
        let spool = try await open()
        let old = try await begin(file("a.jpg"), "aa", "http://h/1", in: spool)
        if name != old.name { try await spool.settle(old, as: .gone, at: now) }
        #expect(try await spool.notice([file(name, modified: 5, inode: 7)], at: now) == 1)
        var new = try #require(try await next(spool))
        #expect(new.sha256 == nil && new.uploadURL == nil)
        let content = SpooledContent(uploadURL: "http://h/1", offset: 5)
        #expect(try await spool.identify(new, as: "aa") == content)
        new.sha256 = "aa"
        #expect(try await spool.identify(new, as: "aa") == content)
        try await spool.close()
    }

    @Test("does not give up an upload while another file has its content, or may have it")
    func shared() async throws {
        let spool = try await open()
        let old = try await begin(file("a.jpg"), "aa", "http://h/1", in: spool)
        try await spool.settle(old, as: .gone, at: now)
        _ = try await spool.notice([file("b.jpg")], at: now)
        #expect(try await spool.identify(try #require(try await next(spool)), as: "aa")?.uploadURL == "http://h/1")
        _ = try await spool.notice([file("a.jpg", modified: 2), file("b.jpg", modified: 3)], at: now)
        let b = try #require(try await next(spool))
        #expect(try await spool.identify(b, as: "bb") == SpooledContent())
        let a = try #require(try await next(spool, beside: [b.id]))
        #expect(try await spool.identify(a, as: "cc") == SpooledContent(hasAbandoned: true))
        try await spool.close()
    }

    @Test("knows for good what was sent by its content, also when the file is another by then")
    func content() async throws {
        var spool = try await open()
        let a = try await begin(file("a.jpg"), "aa", "http://h/1", in: spool)
        _ = try await spool.notice([file("a.jpg", modified: 2)], at: now)
        #expect(try await !spool.settle(a, as: .sent, at: now))
        try await spool.close()
        spool = try await open()
        let again = try #require(try await next(spool))
        #expect(try await spool.identify(again, as: "aa")?.isSent == true)
        // As many bytes belong to a content as its digest.
        _ = try await spool.notice([file("b.jpg", size: 11, modified: 3)], at: now)
        #expect(try await spool.identify(try #require(try await next(spool)), as: "aa")?.isSent == false)
        try await spool.close()
    }

    @Test("of a tether that knew files alone is taken over")
    func older() async throws {
        let database = try await SQLiteDatabase.open(folder.file("spool.sqlite"))
        try await Migrator.migrate(database, [Spool.migrations[0]])
        _ = try await database.write { tx in
            for (name, state, url) in [("a", "sent", "http://h/1"), ("b", "waiting", "http://h/2"), ("c", "waiting", nil)] {
                try tx.execute("""
                    INSERT INTO tether_files (path, size, modified, inode, kind, state, sha256, upload_url, upload_offset,
                        attempts, retry_at, noticed_at, ended_at)
                    VALUES (\("/shoot/" + name), 10, 1, 1, 0, \(state), \(url == nil ? nil : name), \(url), 3, 0, 0, 1, 1)
                    """)
            }
        }
        try await database.close()
        let spool = try await open()
        #expect(try await spool.totals().waiting == 2)
        _ = try await spool.notice([file("d", modified: 9)], at: now)
        let new = try #require(try await next(spool))
        #expect(try await spool.identify(new, as: "a")?.isSent == true)
        _ = try await spool.notice([file("d", modified: 10)], at: now)
        let other = try #require(try await next(spool))
        #expect(try await spool.identify(other, as: "b")?.uploadURL == "http://h/2")
        try await spool.close()
    }

    @Test("leaves alone what was refused, what is held and what waits, and takes back what has gone")
    func states() async throws {
        let spool = try await open()
        let names = ["refused.jpg", "held.jpg", "later.jpg", "gone.jpg"]
        _ = try await spool.notice(names.map { file($0) }, at: now)
        var busy: Set<Int64> = []
        while let file = try await next(spool, beside: busy) {
            busy.insert(file.id)
            let state: FileState =
                ["refused.jpg": .refused, "held.jpg": .held, "gone.jpg": .gone][file.name] ?? .waiting
            try await spool.settle(file, as: state, because: "so", retryAt: now + .seconds(10), at: now)
        }
        #expect(try await next(spool) == nil)
        #expect(try await spool.totals() == SpoolTotals(waiting: 1, waitingBytes: 10, held: 1, refused: 1))
        #expect(try await spool.notice(names.map { file($0) }, at: now) == 1)
        #expect(try await next(spool)?.name == "gone.jpg")
        #expect(try await spool.next(beside: [], upTo: .film, at: now + .seconds(10)) != nil)
        try await spool.retryRefused()
        #expect(try await spool.totals().refused == 0)
        try await spool.close()
    }
}
