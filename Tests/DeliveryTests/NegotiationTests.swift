import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Stills asked for without an extension.
@Suite("Negotiation")
struct NegotiationTests {
    private static let photo = OriginalID(at: TestFile.modified)
    private static let recipe = "0123456789ab"
    private static let chromium = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"

    private static func url(
        _ bench: MediaBench, _ name: RenditionName = .small, _ query: String = "", grant: String = TestGrants.token
    ) -> String {
        "http://127.0.0.1:\(bench.port)\(StillPath(photo, name, recipe: recipe).text)?grant=\(grant)\(query)"
    }

    private static func get(
        _ bench: MediaBench, _ name: RenditionName = .small, _ query: String = "", accept: String? = chromium,
        headers: [String: String] = [:], method: HTTPMethod = .GET
    ) async throws -> MediaAnswer {
        var headers = headers
        headers["Accept"] = accept
        return try await MediaAnswer.of(url(bench, name, query), method: method, headers: headers)
    }

    private static func add(
        _ name: RenditionName, _ format: MediaFormat, bytes: Int = 4000, to bench: MediaBench
    ) async throws -> TestFile {
        try await bench.add(
            .noise(bytes + name.rawValue.utf8.count), contentType: format.contentType, filename: "\(name).\(format.fileExtension)",
            at: .rendition(photo, name, recipe: recipe, format))
    }

    private static func with(
        _ body: @escaping @Sendable (MediaBench, _ webp: TestFile, _ jpeg: TestFile) async throws -> Void
    ) async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                try await body(bench, try await add(.small, .webp, to: bench), try await add(.small, .jpeg, bytes: 5000, to: bench))
            }
        }
    }

    @Test("gives each client the format it likes best, and says which, and that it would be another for another")
    func formats() async throws {
        try await Self.with { bench, webp, jpeg in
            for (accept, file) in [(Self.chromium, webp), ("*/*", jpeg), (nil, jpeg), ("image/webp;q=0, */*", jpeg), ("text/html", jpeg)] {
                let answer = try await Self.get(bench, accept: accept)
                #expect(answer.status == 200 && answer.body == file.bytes && answer.headers["content-type"] == file.media.contentType)
                #expect(answer.headers["vary"]?.split(separator: ", ").contains("Accept") == true)
                #expect(answer.headers["content-location"] == file.path.text && answer.headers["etag"] == file.etag)
                #expect(answer.headers["cache-control"] == "private, no-cache" && answer.headers["last-modified"] == nil)
                let head = try await Self.get(bench, accept: accept, method: .HEAD)
                for name in ["content-type", "content-length", "content-location", "vary", "etag", "cache-control"] {
                    #expect(head.headers[name] == answer.headers[name], "\(name)")
                }
            }
            // A file's own path is what it is.
            let own = try await MediaAnswer.of(bench.url(jpeg), headers: ["Accept": "image/webp"])
            #expect(own.body == jpeg.bytes && own.headers["vary"]?.contains("Accept") != true)
            #expect(own.headers["cache-control"]?.contains("immutable") == true)
        }
    }

    @Test("tells formats apart by their tags, also in a 304, and gives none in parts")
    func conditionals() async throws {
        try await Self.with { bench, webp, jpeg in
            let known = try await Self.get(bench, headers: ["If-None-Match": webp.etag])
            #expect(known.status == 304 && known.headers["etag"] == webp.etag && known.headers["content-location"] == webp.path.text)
            #expect(known.headers["vary"]?.contains("Accept") == true && known.headers["cache-control"] == "private, no-cache")
            #expect(try await Self.get(bench, accept: "*/*", headers: ["If-None-Match": webp.etag]).body == jpeg.bytes)
            let date = "Sat, 21 Nov 2026 09:30:00 GMT"
            #expect(try await Self.get(bench, headers: ["If-Modified-Since": date]).body == webp.bytes)
            let part = try await Self.get(bench, headers: ["Range": "bytes=0-9"])
            #expect(part.status == 200 && part.body == webp.bytes && part.headers["accept-ranges"] == "none")
        }
    }

    @Test("wishes for the AVIF file that would have been best, and gives it once it is there")
    func avif() async throws {
        try await Self.with { bench, webp, _ in
            #expect(try await Self.get(bench, accept: "image/webp").body == webp.bytes)
            #expect(bench.wishes.all.isEmpty)
            #expect(try await Self.get(bench).body == webp.bytes)
            #expect(bench.wishes.all == ["\(Self.photo) \(Self.recipe)"])
            let avif = try await Self.add(.small, .avif, bytes: 3000, to: bench)
            let answer = try await eventually("the AVIF file") {
                let answer = try await Self.get(bench, headers: ["If-None-Match": webp.etag])
                return answer.status == 200 ? answer : nil
            }
            #expect(answer.body == avif.bytes && answer.headers["etag"] == avif.etag)
            #expect(answer.headers["content-location"] == avif.path.text)
            let count = bench.wishes.all.count
            #expect(try await Self.get(bench).body == avif.bytes && bench.wishes.all.count == count)
        }
    }

    @Test("gives clients that ask by turns each its own, though the files are answered directly by their own paths")
    func turns() async throws {
        try await Self.with { bench, webp, jpeg in
            var readers = [("image/webp,image/*,*/*;q=0.8", webp), ("image/jpeg", jpeg), ("*/*", jpeg)]
            func ask(_ times: Int) async throws {
                for _ in 0..<times {
                    for (accept, file) in readers {
                        // Its own path makes the file known to those who answer without the routes.
                        let own = try await bench.get(file, ["Accept": accept])
                        #expect(own.body == file.bytes && own.headers["vary"]?.contains("Accept") != true)
                        for query in ["", "&w=300"] {
                            let answer = try await Self.get(bench, .small, query, accept: accept)
                            #expect(answer.body == file.bytes && answer.headers["content-type"] == file.media.contentType, "\(accept) \(query)")
                            #expect(answer.headers["vary"]?.split(separator: ", ").contains("Accept") == true)
                            #expect(answer.headers["cache-control"] == "private, no-cache")
                        }
                    }
                }
            }
            try await ask(5)
            let avif = try await Self.add(.small, .avif, bytes: 3000, to: bench)
            try await eventually("the AVIF file") { try await Self.get(bench).body == avif.bytes ? () : nil }
            readers.append((Self.chromium, avif))
            try await ask(5)
        }
    }

    @Test("gives the size that is wide enough for the screen")
    func widths() async throws {
        try await Self.with { bench, small, _ in
            let thumb = try await Self.add(.thumb, .webp, to: bench)
            let large = try await Self.add(.large, .webp, to: bench)
            let cases = [
                ("&w=100", thumb), ("&w=240", thumb), ("&w=241", small), ("&w=200&dpr=2", small), ("&w=300&dpr=2", large),
                ("&w=9000", large),
            ]
            for (query, file) in cases {
                #expect(try await Self.get(bench, .small, query).body == file.bytes, "\(query)")
            }
            #expect(try await Self.get(bench, .medium).status == 404)
            #expect(try await Self.get(bench, .medium, "&w=300").body == small.bytes)
            let refused = try await Self.get(bench, .small, "&w=wide")
            #expect(try refused.status == 400 && refused.code == "bad_query")
        }
    }

    @Test("tells nobody anything who has no right to it")
    func access() async throws {
        try await Self.with { bench, _, _ in
            let bare = try await MediaAnswer.of(String(Self.url(bench).prefix { $0 != "?" }), headers: [:])
            #expect(bare.status == 401)
            #expect(try await MediaAnswer.of(Self.url(bench, grant: "other"), headers: ["Accept": Self.chromium]).status == 401)
            let path = MediaPath.rendition(Self.photo, .thumb, recipe: Self.recipe, .webp)
            var hidden = TestFile(.noise(10), contentType: "image/webp", filename: "x", at: path)
            hidden.media.sessionID = SessionID(at: Timestamp(milliseconds: 99))
            bench.catalog.add(hidden)
            #expect(try await Self.get(bench, .thumb).status == 404)
            #expect(try await Self.get(bench, .poster).status == 404)
            #expect(bench.wishes.all.isEmpty)
        }
    }
}
