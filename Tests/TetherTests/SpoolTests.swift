import Core
import TestSupport
import Testing

@testable import Tether

@Suite("The spool")
struct SpoolTests {
    private let folder: TemporaryFolder
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    init() throws { folder = try TemporaryFolder("spool") }

    private func open() async throws -> Spool { try await Spool.open(folder.file("spool.sqlite")) }

    private func file(_ name: String, size: Int64 = 10, modified: Int64 = 1) -> ReadyFile {
        ReadyFile(path: "/shoot/" + name, facts: FileFacts(size: size, modified: modified, inode: 1))
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
        #expect(try await spool.notice(files, at: now).new == 4)
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
        _ = try await spool.notice([file("a.jpg"), file("b.jpg", modified: 2)], at: now)
        var b = try #require(try await next(spool))
        (b.sha256, b.uploadURL, b.offset) = ("bb", "http://h/1", 7)
        #expect(try await spool.record(b))
        let a = try #require(try await next(spool, beside: [b.id]))
        #expect(try await spool.settle(a, as: .sent, at: now))
        try await spool.close()

        spool = try await open()
        #expect(try await spool.notice([file("a.jpg"), file("b.jpg", modified: 2)], at: now) == Spool.Notice())
        #expect(try await next(spool) == b)
        #expect(try await next(spool, beside: [b.id]) == nil)
        try await spool.close()
    }

    @Test("takes new content under an old name for a new file, and what was under way no longer counts")
    func changed() async throws {
        let spool = try await open()
        _ = try await spool.notice([file("a.jpg")], at: now)
        var old = try #require(try await next(spool))
        (old.sha256, old.uploadURL, old.offset) = ("aa", "http://h/1", 5)
        #expect(try await spool.record(old))
        let notice = try await spool.notice([file("a.jpg", size: 11, modified: 2)], at: now)
        #expect(notice == Spool.Notice(new: 1, abandoned: [old.id: "http://h/1"]))
        #expect(try await !spool.settle(old, as: .sent, at: now))
        let new = try #require(try await next(spool))
        #expect(new.sha256 == nil && new.uploadURL == nil && new.offset == 0 && new.facts.size == 11)
        try await spool.close()
    }

    @Test("knows what was sent by its content")
    func content() async throws {
        let spool = try await open()
        _ = try await spool.notice([file("a.jpg")], at: now)
        var a = try #require(try await next(spool))
        a.sha256 = "aa"
        #expect(try await !spool.isSent("aa", otherThan: 0))
        try await spool.settle(a, as: .sent, at: now)
        #expect(try await spool.isSent("aa", otherThan: 0))
        #expect(try await !spool.isSent("aa", otherThan: a.id))
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
        #expect(try await spool.notice(names.map { file($0) }, at: now).new == 1)
        #expect(try await next(spool)?.name == "gone.jpg")
        #expect(try await spool.next(beside: [], upTo: .film, at: now + .seconds(10)) != nil)
        try await spool.retryRefused()
        #expect(try await spool.totals().refused == 0)
        try await spool.close()
    }
}
