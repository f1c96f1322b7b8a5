import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Delivery

@Suite("Redirects to the store", .enabled("moto cannot be installed") { await LocalMoto.isAvailable })
struct RedirectTests {
    @Test("a large file is a URL of the store's, for a while", arguments: [
        ("image/jpeg", "", "900"), ("video/mp4", "", "21600"), ("video/mp4", "&download=1", "900"),
    ])
    func links(_ type: String, _ query: String, _ lifetime: String) async throws {
        let endpoint = try await TestStores.moto.value.endpoint
        try await withRedirects { bench in
            let answer = try await bench.get(try await bench.add(700_000, contentType: type), more: query)
            #expect(answer.status == 307 && answer.body.isEmpty)
            let url = try #require(URLComponents(string: answer.headers["location"] ?? ""))
            #expect(url.string?.hasPrefix(endpoint) == true)
            let items = Dictionary((url.queryItems ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            #expect(items["X-Amz-Expires"] == lifetime && items["response-content-type"] == type)
            #expect(answer.headers["cache-control"] == "private, max-age=300")
            #expect(answer.headers["vary"]?.contains("Sec-Fetch-Mode") == true)
            #expect(answer.headers["referrer-policy"] == "no-referrer")
        }
    }

    @Test("a plain client follows and gets the bytes, whole or in part")
    func follows() async throws {
        let curl = try Tool("curl")
        try await withRedirects { bench in
            let file = try await bench.add(700_000, contentType: "image/webp", filename: "a b.webp")
            let (body, head) = (bench.folder.file("body"), bench.folder.file("head"))
            func fetch(_ options: [String]) async throws -> (bytes: Data, head: String) {
                let common = ["-fsSL", "-o", body, "-D", head]
                _ = try await curl.output(common + options + [bench.url(file, "&download=1")])
                let url = { URL(fileURLWithPath: $0) }
                return (try Data(contentsOf: url(body)), try String(contentsOf: url(head), encoding: .utf8).lowercased())
            }
            let whole = try await fetch([])
            #expect(whole.bytes == file.bytes)
            #expect(whole.head.contains("content-type: image/webp"))
            #expect(whole.head.contains("content-disposition: attachment; filename=\"a b.webp\""))
            let part = try await fetch(["-r", "600000-600099"])
            #expect(part.bytes == file.bytes[600_000..<600_100])
            #expect(part.head.contains("content-range: bytes 600000-600099/700000"))
        }
    }

    @Test("who may not be sent away is served here")
    func servedThrough() async throws {
        try await withRedirects { bench in
            let file = try await bench.add(700_000)
            let cases: [([String: String], Int)] = [
                (["Authorization": "Bearer admin"], 200), (["Origin": "https://example.org"], 200),
                (["Sec-Fetch-Mode": "cors"], 200), (["Range": "bytes=5-", "If-Range": file.etag], 206),
                (["Range": "bytes=800000-"], 416), (["If-None-Match": file.etag], 304), (["If-Match": file.etag], 200),
            ]
            for (headers, status) in cases {
                #expect(try await bench.get(file, headers).status == status, "\(headers)")
            }
            #expect(try await bench.head(file).status == 200)
            let small = try await bench.add(10_000)
            #expect(try await bench.get(small).body == small.bytes)
        }
    }

    @Test("requests are told apart", arguments: [
        ([:], true, true), (["Range": "bytes=0-"], true, true), (["Sec-Fetch-Mode": "no-cors"], true, true),
        (["Sec-Fetch-Mode": "navigate"], true, true), (["Sec-Fetch-Mode": "same-origin"], true, false),
        (["Sec-Fetch-Mode": "cors"], true, false), (["Origin": "null"], true, false), (["Authorization": "x"], true, false),
        (["If-Match": "*"], true, false), (["If-Unmodified-Since": "x"], true, false), (["If-None-Match": "\"x\""], true, true),
        (["If-Range": "\"x\""], true, false), (["If-Range": "\"x\""], false, true),
    ] as [([String: String], Bool, Bool)])
    func rule(_ headers: [String: String], _ usesRange: Bool, _ isSent: Bool) {
        var fields = HTTPFields()
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        #expect(MediaRedirects.allows(fields, usesRange: usesRange) == isSent)
    }

    private func withRedirects(_ body: @escaping @Sendable (MediaBench) async throws -> Void) async throws {
        try await TestStores.withS3 { try await withMedia(on: $0, .redirecting, body) }
    }
}
