import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// AVIF files that are made once somebody asks for them.
@Suite("What stands in for an AVIF file")
struct StandInTests {
    private static let photo = OriginalID(at: TestFile.modified)
    private static let recipe = "0123456789ab"
    private static let wish = "\(photo) \(recipe)"

    private static func path(_ name: RenditionName, _ format: MediaFormat) -> MediaPath {
        .rendition(photo, name, recipe: recipe, format)
    }

    private static func still(
        _ format: MediaFormat, _ name: RenditionName = .large, bytes: Int = 4000, in bench: MediaBench
    ) async throws -> TestFile {
        try await bench.add(
            .noise(bytes), contentType: format.contentType, filename: "\(name).\(format.fileExtension)", at: path(name, format))
    }

    private static func url(_ name: RenditionName, _ format: MediaFormat, _ bench: MediaBench) -> String {
        "http://127.0.0.1:\(bench.port)\(path(name, format).text)?grant=\(TestGrants.token)"
    }

    private static func avif(
        _ bench: MediaBench, _ name: RenditionName = .large, _ headers: [String: String] = [:]
    ) async throws -> MediaAnswer {
        try await MediaAnswer.of(url(name, .avif, bench), headers: headers)
    }

    @Test("is the WebP, which says so, is not kept for long, and leads to a wish")
    func now() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                _ = try await Self.still(.jpeg, bytes: 5000, in: bench)
                let webp = try await Self.still(.webp, in: bench)
                let answer = try await Self.avif(bench)
                #expect(answer.status == 200 && answer.body == webp.bytes)
                #expect(answer.headers["content-type"] == "image/webp" && answer.headers["etag"] == webp.etag)
                #expect(answer.headers["content-location"] == webp.path.text)
                #expect(answer.headers["cache-control"] == "private, no-cache")
                #expect(answer.headers["last-modified"] == nil && answer.headers["accept-ranges"] == "none")
                #expect(bench.wishes.all == [Self.wish])
                // What it has by right is what it always was.
                let own = try await bench.get(webp)
                #expect(own.headers["cache-control"]?.contains("immutable") == true && own.headers["content-location"] == nil)
                #expect(own.headers["last-modified"] != nil && bench.wishes.all.count == 1)
            }
        }
    }

    @Test("is the JPEG where there is no WebP")
    func jpeg() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let jpeg = try await Self.still(.jpeg, .poster, in: bench)
                let answer = try await Self.avif(bench, .poster)
                #expect(answer.body == jpeg.bytes && answer.headers["content-type"] == "image/jpeg")
                #expect(bench.wishes.all == [Self.wish])
            }
        }
    }

    @Test("gives way to the AVIF itself, also for those who have it already")
    func later() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let webp = try await Self.still(.webp, in: bench)
                #expect(try await Self.avif(bench).body == webp.bytes)
                let avif = try await Self.still(.avif, bytes: 3000, in: bench)
                let answer = try await eventually("the AVIF file") {
                    let answer = try await Self.avif(
                        bench, .large, ["If-None-Match": webp.etag, "Range": "bytes=0-9", "If-Range": webp.etag])
                    return answer.status == 200 ? answer : nil
                }
                #expect(answer.body == avif.bytes && answer.headers["content-type"] == "image/avif")
                #expect(answer.headers["cache-control"]?.contains("immutable") == true && answer.headers["content-location"] == nil)
                let count = bench.wishes.all.count
                #expect(try await Self.avif(bench).headers["etag"] == avif.etag && bench.wishes.all.count == count)
            }
        }
    }

    @Test("answers conditions by its tag alone, and never in parts", arguments: [
        (["If-None-Match": "{etag}"], 304), (["If-None-Match": "\"x\""], 200), (["If-Match": "{etag}"], 200),
        (["If-Match": "\"x\""], 412), (["If-Modified-Since": "Sat, 21 Nov 2026 09:30:00 GMT"], 200),
        (["If-Unmodified-Since": "Sat, 21 Nov 2020 09:30:00 GMT"], 200), (["Range": "bytes=0-9"], 200),
        (["Range": "bytes=9000000-"], 200), (["Range": "bytes=0-9", "If-Range": "{etag}"], 200),
    ] as [([String: String], Int)])
    func conditions(headers: [String: String], status: Int) async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let webp = try await Self.still(.webp, in: bench)
                let answer = try await Self.avif(bench, .large, headers.mapValues { $0.replacing("{etag}", with: webp.etag) })
                #expect(answer.status == status)
                if status == 200 { #expect(answer.body == webp.bytes) }
                if status == 304 {
                    #expect(answer.headers["etag"] == webp.etag && answer.headers["cache-control"] == "private, no-cache")
                    #expect(answer.headers["content-location"] == webp.path.text && answer.headers["last-modified"] == nil)
                }
            }
        }
    }

    @Test("is described by HEAD as GET would")
    func head() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                _ = try await Self.still(.webp, in: bench)
                let get = try await Self.avif(bench)
                let head = try await MediaAnswer.of(Self.url(.large, .avif, bench), method: .HEAD, headers: [:])
                #expect(head.status == 200 && head.body.isEmpty)
                let names = ["content-type", "content-length", "content-location", "cache-control", "etag", "accept-ranges", "last-modified"]
                for name in names { #expect(head.headers[name] == get.headers[name], "\(name)") }
            }
        }
    }

    @Test("is nothing, and nothing is wished for, without a right to it, for what does not exist, and for what is no still")
    func nothing() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                _ = try await Self.still(.webp, in: bench)
                _ = try await Self.still(.png, .small, in: bench)
                _ = try await Self.still(.webp, .sprite, in: bench)
                let bare = "http://127.0.0.1:\(bench.port)\(Self.path(.large, .avif).text)"
                #expect(try await MediaAnswer.of(bare, headers: [:]).status == 401)
                #expect(try await MediaAnswer.of(bare + "?grant=other", headers: [:]).status == 401)
                for name in [RenditionName.small, .medium, .sprite] { #expect(try await Self.avif(bench, name).status == 404) }
                let other = MediaPath.rendition(Self.photo, .large, recipe: "ffffffffffff", .avif).text
                #expect(try await MediaAnswer.of("http://127.0.0.1:\(bench.port)\(other)?grant=\(TestGrants.token)", headers: [:]).status == 404)
                // Of a session that the grant is not for.
                let hidden = MediaPath.rendition(Self.photo, .thumb, recipe: Self.recipe, .webp)
                bench.catalog.add(TestFile(.noise(10), contentType: "image/webp", filename: "x", at: hidden).elsewhere)
                #expect(try await Self.avif(bench, .thumb).status == 404)
                #expect(bench.wishes.all.isEmpty)
            }
        }
    }

    @Test("is nothing where none are made on demand, but for those that are there")
    func off() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store, wishing: false) { bench in
                _ = try await Self.still(.webp, in: bench)
                #expect(try await Self.avif(bench).status == 404)
                let avif = try await Self.still(.avif, .small, in: bench)
                #expect(try await Self.avif(bench, .small).body == avif.bytes)
            }
        }
    }

    @Test(
        "is served here where the file itself sends clients to the store, which would give parts of it",
        .enabled("moto cannot be installed") { await LocalMoto.isAvailable }, arguments: [
            [:], ["Range": "bytes=600000-"], ["Range": "bytes=600000-", "If-Range": "\"the AVIF's\""], ["If-None-Match": "\"x\""],
        ] as [[String: String]])
    func redirect(headers: [String: String]) async throws {
        try await TestStores.withS3 { store in
            try await withMedia(on: store, .redirecting) { bench in
                let webp = try await Self.still(.webp, bytes: 700_000, in: bench)
                let answer = try await Self.avif(bench, .large, headers)
                #expect(answer.status == 200 && answer.body == webp.bytes)
                #expect(answer.headers["etag"] == webp.etag && answer.headers["accept-ranges"] == "none")
                #expect(answer.headers["cache-control"] == "private, no-cache" && bench.wishes.all == [Self.wish])
                #expect(try await bench.get(webp).status == 307)
            }
        }
    }
}

extension TestFile {
    /// The same file in another session.
    fileprivate var elsewhere: TestFile {
        var other = self
        other.media.sessionID = SessionID(at: Timestamp(milliseconds: 99))
        return other
    }
}
