import Core
import Foundation
import NIOHTTP1
import ObjectStore
import TestSupport
import Testing
import WebServer

@testable import Delivery

/// Large files that nginx sends, by the configuration that is shipped.
@Suite("Files left to nginx", .enabled(if: LocalNginx.program != nil, "nginx is not installed"))
struct OffloadTests {
    private static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docker/nginx/accel.conf").standardizedFileURL

    private struct House {
        let bench: MediaBench
        let nginx: LocalNginx

        /// Through nginx.
        func url(_ file: TestFile, _ more: String = "", grant: String = TestGrants.token) -> String {
            "http://127.0.0.1:\(nginx.port)\(file.path.text)?grant=\(grant)\(more)"
        }

        func get(
            _ file: TestFile, _ headers: [String: String] = [:], more: String = "", grant: String = TestGrants.token
        ) async throws -> MediaAnswer {
            try await MediaAnswer.of(url(file, more, grant: grant), headers: headers)
        }
    }

    private static func with(_ body: @escaping @Sendable (House) async throws -> Void) async throws {
        try await withOffloading(to: #require(TrustedProxies(["127.0.0.1"]))) { bench, root in
            let shipped = try String(contentsOf: shipped, encoding: .utf8).replacing("/srv/lumiere/objects/", with: root + "/")
            let nginx = try await LocalNginx(server: """
                location / {
                    proxy_pass http://127.0.0.1:\(bench.port);
                    proxy_set_header X-Forwarded-For $remote_addr;
                }
                \(shipped.replacing("internal;", with: "internal; add_header Sent-By nginx;"))
                """)
            try await body(House(bench: bench, nginx: nginx))
            #expect(!nginx.log.contains("[error]"), "\(nginx.log)")
        }
    }

    /// Lists of ranges are nginx's to answer as it sees fit.
    private static let requests = MediaCase.all.filter { !($0.headers["Range"] ?? "").contains(",") }

    @Test("answer as they have to, each of the cases that hold for every file", arguments: requests)
    func cases(_ request: MediaCase) async throws {
        try await Self.with { house in
            let file = try await house.bench.add(700_000)
            try await request.check(file) { try await house.get(file, $0) }
        }
    }

    @Test("come from nginx, with all that Lumiere says of them")
    func headers() async throws {
        try await Self.with { house in
            let file = try await house.bench.add(700_000, filename: "été.jpg")
            let here = try await MediaAnswer.of(house.bench.url(file, "&download=1"), method: .HEAD, headers: [:])
            let there = try await house.get(file, more: "&download=1")
            #expect(there.headers["sent-by"] == "nginx" && here.headers["sent-by"] == nil)
            #expect(there.body == file.bytes && there.headers["x-accel-redirect"] == nil)
            let names = [
                "content-type", "content-length", "content-disposition", "cache-control", "etag", "last-modified", "accept-ranges", "vary",
                "content-security-policy", "x-content-type-options", "referrer-policy",
            ]
            for name in names { #expect(here.headers[name] == there.headers[name], "\(name)") }
            #expect(there.headers["x-request-id"] != nil)
            // Several ranges are nginx's to put together.
            let parts = try await house.get(file, ["Range": "bytes=0-9,500000-500009", "If-Range": file.etag])
            #expect(parts.status == 206 && parts.headers["content-type"]?.hasPrefix("multipart/byteranges") == true)
            // What it would judge by validators of its own.
            let old = "Sat, 21 Nov 2020 09:30:00 GMT"
            let new = "Sat, 21 Nov 2026 09:30:00 GMT"
            let conditions = [
                ("If-Modified-Since", old), ("If-None-Match", "\"x\""), ("If-Match", file.etag), ("If-Unmodified-Since", new),
            ]
            for (name, value) in conditions {
                #expect(try await house.get(file, [name: value]).body == file.bytes, "\(name)")
            }
            let head = try await MediaAnswer.of(house.url(file), method: .HEAD, headers: [:])
            #expect(head.status == 200 && head.headers["content-length"] == "700000" && head.headers["etag"] == file.etag)
        }
    }

    @Test("are for those who may have them, and nobody reaches the folder itself")
    func grants() async throws {
        try await Self.with { house in
            let file = try await house.bench.add(700_000)
            #expect(try await house.get(file, grant: "other").status == 401)
            let bare = "http://127.0.0.1:\(house.nginx.port)/_objects/"
            for path in ["", "\(file.media.objectKey)", "a/../"] {
                #expect(try await MediaAnswer.of(bare + path, headers: [:]).status == 404)
            }
            try await house.bench.store.remove(file.media.objectKey)
            let missing = try await house.get(file)
            #expect(try missing.status == 404 && missing.code == "not_found")
        }
    }

    @Test("are sent here when they are small, not what is stored, or asked for by somebody else than the proxy")
    func here() async throws {
        try await Self.with { house in
            let small = try await house.bench.add(10_000)
            let answer = try await house.get(small)
            #expect(answer.body == small.bytes && answer.headers["sent-by"] == nil)
            // A document gets the grant, wherever it comes from.
            let playlist = SegmentPlaylist(
                file: "segments-0123456789ab.mp4", initialization: 10, segments: [.init(duration: 6000, length: 20)])
            let document = try await house.bench.add(
                Data(playlist.text().utf8), contentType: "application/vnd.apple.mpegurl", filename: "film.m3u8",
                at: .rendition(OriginalID(at: TestFile.modified), .segments, recipe: "0123456789ab", .m3u8))
            let text = String(decoding: try await house.get(document).body, as: UTF8.self)
            #expect(text == playlist.text(query: "?grant=\(TestGrants.token)"))
        }
        // Nobody put the bytes in, if the proxy were not one of ours.
        try await withOffloading { bench, _ in
            let file = try await bench.add(700_000)
            #expect(try await bench.get(file, ["X-Forwarded-For": "192.0.2.1"]).body == file.bytes)
        }
    }
}
