import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import ObjectStore
import TestSupport
import Testing

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

    @Test("a file that was taken back since is not sent, ends the archive before it, and is no download", arguments: [Duration.zero, .seconds(3600)])
    func withdrawn(recheck: Duration) async throws {
        try await TestStores.withDisk { store in
            try await ArchiveBench.with(store, recheck: recheck) { bench in
                let files = try await bench.fill()
                let (url, headers) = (bench.url(grant: ArchiveGrants.counted), ["Range": "bytes=0-"])
                #expect(try await MediaAnswer.of(url, headers: headers).body.contains(files[2]))
                // What is remembered here is as fresh as it was.
                bench.catalog.change(isElsewhere: true) { $0.removeLast() }
                let answer = try await MediaAnswer.of(url, headers: headers)
                #expect(answer.isCut && !answer.body.contains(files[2]) && bench.downloads.all.isEmpty)
                let rest = try await MediaAnswer.of(url, headers: [:])
                #expect(!rest.isCut && rest.body.contains(files[0]) && !rest.body.contains(files[2]))
            }
        }
    }

    @Test("files are asked about again and again, however quickly they are sent")
    func small() async throws {
        try await TestStores.withDisk { store in
            try await ArchiveBench.with(store, recheck: .seconds(3600)) { bench in
                let first = try await bench.add(.noise(300), "0.JPG")
                let bytes = Data(repeating: 7, count: 300)
                let last = try await bench.add(bytes, "last.JPG")
                bench.catalog.change { files in
                    files = (0..<450).map { number in
                        var copy = first
                        copy.name = "\(number).JPG"
                        return copy
                    }
                    files.append(last)
                }
                #expect(try await bench.get().body.contains(bytes))
                bench.catalog.change(isElsewhere: true) { $0.removeLast() }
                let answer = try await bench.get()
                #expect(answer.isCut && !answer.body.contains(bytes))
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
