import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import ObjectStore
import TestSupport
import Testing

@Suite("Archives on disk", .enabled("unzip is not installed") { Tool.program("unzip") != nil })
struct ArchivesOnDiskTests {
    @Test("keep their promises", arguments: ArchiveClause.all)
    func promises(_ clause: ArchiveClause) async throws {
        try await TestStores.withDisk { try await ArchiveBench.with($0) { try await clause.check($0) } }
    }
}

@Suite(
    "Archives on S3", .enabled("moto cannot be installed") { await LocalMoto.isAvailable },
    .enabled("unzip is not installed") { Tool.program("unzip") != nil })
struct ArchivesOnS3Tests {
    @Test("keep their promises", arguments: ArchiveClause.all)
    func promises(_ clause: ArchiveClause) async throws {
        try await TestStores.withS3 { try await ArchiveBench.with($0) { try await clause.check($0) } }
    }
}

@Suite("Archives as they change")
struct ChangingArchiveTests {
    private static func with(_ body: @escaping @Sendable (ArchiveBench) async throws -> Void) async throws {
        try await TestStores.withDisk { try await ArchiveBench.with($0, body) }
    }

    @Test("who goes on after photos were added gets the rest of what they began")
    func growing() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let first = try await bench.get()
            let etag = try #require(first.headers["etag"])
            for name in ["a", "b"] { try await bench.add(.noise(900), name) }
            let rest = try await bench.get(["Range": "bytes=1000-", "If-Range": etag])
            #expect(rest.status == 206 && rest.headers["etag"] == etag && rest.body == first.body[1000...])
            #expect(try await bench.get(["If-Match": etag]).body == first.body)
            // Where that archive is, is said with it.
            let version = try #require(first.headers["content-location"]?.split(separator: "version=").last)
            #expect(try await bench.get(more: "&version=\(version)").body == first.body)
            // Everybody else gets all; a stranger to tags goes on with what has the same beginning.
            let all = try await bench.get(["If-None-Match": etag])
            #expect(all.status == 200 && all.headers["etag"] != etag && all.body.count > first.body.count)
            #expect(try await bench.get(["Range": "bytes=1000-"]).body == all.body[1000...])
            #expect(all.body.prefix(700_000) == first.body.prefix(700_000))
        }
    }

    @Test("who goes on after a photo was removed begins anew")
    func shrinking() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let first = try await bench.get()
            let etag = try #require(first.headers["etag"])
            bench.catalog.change { $0.remove(at: 1) }
            let again = try await bench.get(["Range": "bytes=1000-", "If-Range": etag])
            #expect(again.status == 200 && again.headers["etag"] != etag && again.body.count < first.body.count)
            let named = try await bench.get(more: "&version=\(etag.dropFirst().dropLast())")
            #expect(try named.status == 409 && named.code == "archive_changed")
            #expect(try await bench.get(more: "&version=2-0000").status == 409)
            #expect(try await bench.get(more: "&version=a%0Ab").status == 400)
        }
    }

    @Test("what was missing and is back is in the next archive: all of it, and soon")
    func returning() async throws {
        try await Self.with { bench in
            for number in 0..<100 { try await bench.add(.noise(100), "\(number).jpg") }
            let whole = try await bench.get()
            // Of another store, perhaps, or while this one was away. Many are gone for good, and the others come last.
            let objects = bench.catalog.files.prefix(99).map { MissingObject(objectKey: $0.objectKey, size: $0.size) }
            for object in objects.dropFirst(9) { try await bench.store.remove(object.objectKey) }
            _ = try await bench.catalog.note(missing: objects, of: TestGrants.session)
            bench.catalog.change { _ in }
            let first = String(decoding: try await bench.get().body, as: UTF8.self)
            // Before the note, and in the directory.
            #expect(first.components(separatedBy: ".missing.txt").count == 1 + 2 * 90)
            // They come back, and nothing else changes.
            for object in objects.dropFirst(9) { try await bench.put(.noise(100), as: object.objectKey) }
            bench.catalog.clock.leap(.seconds(10))
            #expect(try await bench.get().headers["etag"] != whole.headers["etag"])
            bench.catalog.clock.leap(MissingObject.doubt)
            #expect(try await bench.get().body == whole.body)
        }
    }

    @Test("while nothing can be read from the store, archives end and no file is noted as lost")
    func outage() async throws {
        try await Self.with { bench in
            let files = try await bench.fill()
            let keys = bench.catalog.files.map(\.objectKey)
            for key in keys { try await bench.store.remove(key) }
            for _ in 0..<2 {
                let answer = try await bench.get()
                #expect(answer.status == 503 || (answer.isCut && answer.body.count < 1000))
            }
            #expect(bench.catalog.missing.isEmpty)
            try await bench.put(files[2], as: keys[2])
            #expect(try await bench.get().isCut)
            #expect(bench.catalog.missing.map(\.objectKey) == [keys[0]])
        }
    }

    /// How a request names an archive, and what the answer to it is.
    enum Naming: CaseIterable {
        case version, range, match
    }

    @Test("who names an archive that another node has listed a moment ago gets it", arguments: Naming.allCases)
    func elsewhere(_ naming: Naming) async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            #expect(try await bench.get().status == 200)
            try await bench.add(.noise(900), "late.jpg", isElsewhere: true)
            // Of another subject, with the same files, nothing was known.
            let whole = try await bench.get(more: "&files=renditions")
            let etag = try #require(whole.headers["etag"])
            #expect(etag.hasPrefix("\"4-"))
            switch naming {
            case .version: #expect(try await bench.get(more: "&version=\(etag.dropFirst().dropLast())").body == whole.body)
            case .match: #expect(try await bench.get(["If-Match": etag]).body == whole.body)
            case .range:
                let rest = try await bench.get(["Range": "bytes=1000-", "If-Range": etag])
                #expect(rest.status == 206 && rest.body == whole.body[1000...])
            }
        }
    }

    @Test("names that are made up have the catalog asked once a second, and what is no name does not")
    func madeUp() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            #expect(try await bench.get().status == 200)
            let (before, start) = (bench.catalog.questions, ContinuousClock.now)
            for field in ["If-Range", "If-Match"] {
                for value in ["*", "\"x\"", "\"3-00\"", HTTPDate.text(TestFile.modified)] { _ = try await bench.get([field: value]) }
            }
            #expect(bench.catalog.questions == before)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 10..<30 {
                    group.addTask { try await bench.get(more: "&version=3-\(String(repeating: "\(number)", count: 16))").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [Int](repeating: 409, count: 20))
            let asked = bench.catalog.questions - before
            #expect(asked > 0 && asked <= Int((ContinuousClock.now - start).components.seconds) + 2)
            #expect(bench.catalog.subjects.count == 1)
        }
    }

    @Test("curl finishes, however often it is cut off", arguments: 0..<3)
    func curl(_ seed: Int) async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let whole = try await bench.get().body
            var random = SplitMix(state: UInt64(seed))
            let path = bench.folder.file("out.zip")
            for _ in 0..<40 where bench.contents(path).count < whole.count {
                let proxy = try await CuttingProxy.start(
                    before: "http://127.0.0.1:\(bench.port)", after: Int.random(in: 5000...300_000, using: &random))
                defer { proxy.stop() }
                _ = try await Tool("curl").run(["-s", "-C", "-", "-o", path, bench.url(on: proxy.endpoint)])
                #expect(bench.contents(path) == whole.prefix(bench.contents(path).count))
            }
            #expect(bench.contents(path) == whole)
        }
    }

    @Test("a listing is asked for once, however many ranges are fetched")
    func listing() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let before = bench.catalog.subjects.count
            for start in 0..<20 { _ = try await bench.get(["Range": "bytes=\(start)-\(start + 5)"]) }
            #expect(bench.catalog.subjects.count == before + 1)
        }
    }

    @Test("checksums that take long are answered with a time to come back, and are there then")
    func preparing() async throws {
        try await TestStores.withDisk { base in
            let gate = Inbox<Void>()
            let store = CountingStore(base, gate: gate, isElsewhere: true)
            try await ArchiveBench.with(store, patience: .milliseconds(50)) { bench in
                try await bench.add(.noise(1000), "a.jpg", isKnown: false)
                let answer = try await bench.get()
                #expect(try answer.status == 503 && answer.code == "archive_preparing" && answer.headers["retry-after"] == "5")
                gate.close()
                let archive = try await eventually("the archive") {
                    let answer = try await bench.get()
                    return answer.status == 200 ? answer.body : nil
                }
                #expect(archive.contains(Data.noise(1000)))
            }
        }
    }
}
