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
            #expect(try await bench.get(more: "&version=a%0Ab").status == 404)
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

@Suite("Who gets archives")
struct ArchiveAccessTests {
    #if DEBUG
    private static let patience = Duration.seconds(4)
    #else
    private static let patience = Duration.milliseconds(200)
    #endif

    private static func with(_ body: @escaping @Sendable (ArchiveBench) async throws -> Void) async throws {
        try await TestStores.withDisk { try await ArchiveBench.with($0, body) }
    }

    @Test("each gets what is theirs: what can be seen, the originals, or all")
    func subjects() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            for grant in [ArchiveGrants.guest, ArchiveGrants.friend, ArchiveGrants.staff] {
                #expect(try await bench.get(grant: grant).status == 200)
            }
            #expect(try await bench.get(more: "&files=renditions", grant: ArchiveGrants.friend).status == 200)
            let asked = bench.catalog.subjects.map { "\($0.files) \($0.isForDesk)" }
            // The last was remembered from the first.
            #expect(asked == ["renditions false", "originals false", "originals true"])
            let refused = try await bench.get(more: "&files=originals", grant: ArchiveGrants.guest)
            #expect(try refused.status == 403 && refused.code == "original_withheld")
            let onlooker = try await bench.get(grant: ArchiveGrants.onlooker)
            #expect(try onlooker.status == 403 && onlooker.code == "download_withheld")
            #expect(try await bench.get(more: "&files=all").status == 400)
        }
    }

    @Test("who may only look gets none, and what a link counts is an archive, not a request for a part of it")
    func downloads() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let refused = try await bench.get(grant: ArchiveGrants.onlooker)
            #expect(try refused.status == 403 && refused.code == "download_withheld")
            let url = bench.url(grant: ArchiveGrants.counted)
            #expect(try await MediaAnswer.of(url, method: .HEAD, headers: [:]).status == 200)
            #expect(bench.downloads.all.isEmpty)
            for range in ["bytes=0-99", "bytes=100-", "bytes=-5"] {
                #expect(try await MediaAnswer.of(url, headers: ["Range": range]).status == 206)
            }
            #expect(bench.downloads.all.count == 1)
            // Another archive is another download; a third is one too many here.
            for (number, status) in [200, 403].enumerated() {
                try await bench.add(.noise(100), "more \(number).jpg")
                #expect(try await MediaAnswer.of(url, headers: [:]).status == status)
            }
        }
    }

    @Test("an archive that ends because the server has lost a file is no download; the one without it is")
    func lostDownload() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let first = try await bench.get(["Range": "bytes=0-99"], grant: ArchiveGrants.counted)
            #expect(try bench.downloads.all == [#require(first.headers["etag"])])
            try await bench.store.remove(try #require(bench.catalog.files.last).objectKey)
            #expect(try await bench.get(grant: ArchiveGrants.counted).isCut && bench.downloads.all.isEmpty)
            let second = try await bench.get(grant: ArchiveGrants.counted)
            #expect(second.status == 200 && !second.isCut)
            #expect(try bench.downloads.all == [#require(second.headers["etag"])])
        }
    }

    @Test("an archive that begins is one download of its guest's, and none of staff's")
    func tally() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            let whole = try await bench.get()
            #expect(whole.status == 200 && bench.tally.take() == [.download])
            #expect(try await bench.get(["Range": "bytes=0-99"]).status == 206 && bench.tally.take() == [.download])
            #expect(try await bench.get(["Range": "bytes=100-"]).status == 206 && bench.tally.take() == [])
            #expect(try await bench.get(["If-None-Match": whole.headers["etag"] ?? ""]).status == 304 && bench.tally.take() == [])
            #expect(try await bench.head().status == 200 && bench.tally.take() == [])
            #expect(try await bench.get(grant: ArchiveGrants.staff).status == 200 && bench.tally.take() == [])
        }
    }

    @Test("strangers are asked who they are, and others' sessions are not there")
    func strangers() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            #expect(try await bench.get(grant: "nobody").status == 401)
            #expect(try await bench.get(grant: ArchiveGrants.other).status == 404)
            #expect(try await bench.get(more: "&selection=other").status == 404)
            let elsewhere = bench.url().replacingOccurrences(of: "\(TestGrants.session)", with: "\(SessionID(at: TestFile.modified))")
            #expect(try await MediaAnswer.of(elsewhere, headers: [:]).status == 404)
            #expect(try await MediaAnswer.of(elsewhere, headers: ["Authorization": "Bearer x"]).status == 404)
        }
    }

    @Test("nothing is no archive")
    func empty() async throws {
        try await Self.with { bench in
            let answer = try await bench.get()
            #expect(try answer.status == 409 && answer.code == "empty_archive")
        }
    }

    /// What ends an archive that is being sent.
    enum Ending: CaseIterable {
        case revoked, expired, hidden, filmHidden, signedOut, nothing
    }

    @Test(
        "rights that are taken back, or have come to their end, end the archive within a large file, and hiding the place does",
        arguments: Ending.allCases)
    func endings(_ ending: Ending) async throws {
        try await Self.with { bench in
            let size = 64 << 20
            try await bench.add(Data(count: size), "large.bin")
            let grant = [.signedOut: "nobody", .expired: ArchiveGrants.brief][ending] ?? ArchiveGrants.friend
            // A film that plays as it is, is the file that was uploaded.
            var request = HTTPClientRequest(url: bench.url(ending == .filmHidden ? "&files=renditions" : "", grant: grant))
            if ending == .signedOut { request.headers.add(name: "Authorization", value: "Bearer x") }
            var body = try await HTTPClient.shared.execute(request, timeout: .seconds(60)).body.makeAsyncIterator()
            var received = try await body.next()?.readableBytes ?? 0
            switch ending {
            case .revoked, .signedOut: bench.grants.revoke()
            case .expired: bench.catalog.clock.leap(.seconds(3600))
            case .hidden, .filmHidden: bench.catalog.hidePlaces()
            case .nothing: break
            }
            var isCut = false
            do { while let chunk = try await body.next() { received += chunk.readableBytes } } catch { isCut = true }
            // What the kernel had taken by then is not cut off.
            if ending == .nothing { #expect(!isCut && received > size) } else { #expect(isCut && received < size) }
        }
    }

    @Test("what was listed before the session began to hide its place is not sent, however seldom it is asked")
    func hiding() async throws {
        try await TestStores.withDisk { store in
            try await ArchiveBench.with(store, recheck: .seconds(3600)) { bench in
                let files = try await bench.fill()
                #expect(try await bench.get().body.contains(files[2]))
                bench.catalog.hidePlaces()
                let answer = try await bench.get()
                #expect(answer.isCut && answer.body.isEmpty)
            }
        }
    }

    @Test("while nobody can say whether places are hidden, they are not told")
    func unanswered() async throws {
        try await Self.with { bench in
            let files = try await bench.fill()
            #expect(try await bench.get().body.contains(files[2]))
            bench.catalog.fall()
            let answer = try await bench.get()
            #expect(answer.isCut && answer.body.isEmpty)
            // The desk is told them in any case.
            #expect(try await bench.get(grant: ArchiveGrants.staff).body.contains(files[2]))
        }
    }

    @Test("a choice of photos has a URL that opens it by itself")
    func choice() async throws {
        try await Self.with { bench in
            let files = try await bench.fill()
            let photo = PhotoID(at: TestFile.modified)
            let path = "http://127.0.0.1:\(bench.port)/api/sessions/\(TestGrants.session)/archives"
            let body = #"{"photos":["\#(photo)"],"files":"originals"}"#
            let text = try await Tool("curl").output([
                "-s", "-X", "POST", "-H", "Authorization: Bearer x", "-H", "Content-Type: application/json", "-d", body, path,
            ])
            let answer: JSONValue = try JSON.decode(from: Data(text.utf8))
            let url = try #require(answer["url"]?.stringValue)
            #expect(bench.catalog.selections == ["chosen": [photo]] && answer["selection"] == "chosen")
            let archive = try await MediaAnswer.of("http://127.0.0.1:\(bench.port)\(url)", headers: [:])
            #expect(archive.status == 200 && archive.body.contains(files[2]))
            #expect(bench.catalog.subjects.last?.selection == "chosen" && bench.catalog.subjects.last?.isForDesk == true)
        }
    }

    @Test("a pinned URL is of the same bytes for curl -C -, whatever comes meanwhile, and one download")
    func pinned() async throws {
        try await Self.with { bench in
            _ = try await bench.fill()
            func address(_ body: String) async throws -> JSONValue {
                let text = try await Tool("curl").output([
                    "-s", "-X", "POST", "-H", "Authorization: Bearer x", "-H", "Content-Type: application/json", "-d", body,
                    "http://127.0.0.1:\(bench.port)/api/sessions/\(TestGrants.session)/archives",
                ])
                return try JSON.decode(from: Data(text.utf8))
            }
            let whole = try await bench.get(grant: ArchiveGrants.staff)
            let tag = try #require(whole.headers["etag"]).dropFirst().dropLast()
            let url = try #require(try await address(#"{"pinned":true}"#)["url"]?.stringValue)
            #expect(url.contains("version=\(tag)&grant="))
            let path = bench.folder.file("out.zip")
            for cut in [90_000, 300_000, 900_000] {
                let proxy = try await CuttingProxy.start(before: "http://127.0.0.1:\(bench.port)", after: cut)
                defer { proxy.stop() }
                _ = try await Tool("curl").run(["-s", "-C", "-", "-o", path, "\(proxy.endpoint)\(url)"])
                try await bench.add(.noise(500), "late \(cut).jpg")
            }
            #expect(bench.contents(path) == whole.body)
            // Nothing is pinned unless that is asked for, and there is nothing to pin of nothing.
            #expect(try await address("{}")["url"]?.stringValue?.contains("version=") == false)
            bench.catalog.change { $0 = [] }
            #expect(try await address(#"{"pinned":true}"#)["code"] == "empty_archive")
            #expect(try await MediaAnswer.of("http://127.0.0.1:\(bench.port)\(url)", headers: [:]).status == 409)
        }
    }

    @Test("ten thousand photos are one archive, in which everything is in its place, and which resumes anywhere")
    func many() async throws {
        try await Self.with { bench in
            let bytes = Data.noise(300)
            let file = try await bench.add(bytes, "IMG.JPG")
            bench.catalog.change { files in
                files = (0..<10_000).map { index in
                    var copy = file
                    copy.name = "IMG_\(index + 10_000).JPG"
                    return copy
                }
            }
            // Of each 30 bytes and the name before it, 9 behind the name; in the directory 46 and the same.
            let length = 10_000 * (30 + 13 + 9 + 300 + 46 + 13 + 9) + 22
            let head = try await bench.head()
            #expect(head.headers["content-length"] == "\(length)")
            let etag = try #require(head.headers["etag"])
            #expect(etag.hasPrefix("\"10000-"))
            let start = 9990 * 352 + 5
            let tail = try await bench.get(["Range": "bytes=\(start)-", "If-Range": etag]).body
            #expect(tail.count == length - start)
            for index in 9991..<10_000 {
                let local = tail.dropFirst(index * 352 - start).prefix(352)
                #expect(local.prefix(4) == Data([0x50, 0x4B, 3, 4]) && local.dropFirst(52) == bytes)
                #expect(local.dropFirst(30).prefix(13) == Data("IMG_\(index + 10_000).JPG".utf8))
            }
            let directory = tail.dropFirst(10_000 * 352 - start)
            #expect((0..<10_000).allSatisfy { directory.dropFirst($0 * 68).prefix(4) == Data([0x50, 0x4B, 1, 2]) })
            #expect(directory.suffix(22).prefix(12) == Data([0x50, 0x4B, 5, 6, 0, 0, 0, 0, 0x10, 0x27, 0x10, 0x27]))
            // It was listed once: before the first answer.
            #expect(bench.catalog.subjects.count == 1)
        }
    }

    @Test(
        "ten thousand photos begin within 200 ms and take up little",
        .enabled(if: ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil))
    func soak() async throws {
        try await Self.with { bench in
            let file = try await bench.add(.noise(400_000), "IMG.JPG")
            bench.catalog.change { files in
                files = (0..<10_000).map { index in
                    var copy = file
                    copy.name = "IMG_\(index).JPG"
                    return copy
                }
            }
            let start = ContinuousClock.now
            #expect(try await bench.get(["Range": "bytes=0-0"]).body.count == 1)
            #expect(ContinuousClock.now - start < Self.patience)
            var received = 0
            for try await chunk in try await MediaAnswer.stream(bench.url()) { received += chunk.readableBytes }
            #expect(received > 4_000_000_000)
        }
    }
}
