import Core
import Foundation
import NIOHTTP1
import Testing

/// A request for a file, and what has to come back wherever the file lies.
struct MediaCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// `{etag}` and `{date}` stand for the file's own.
    let headers: [String: String]
    let status: Int
    /// What of a file of that size is in the body; `nil` when something else or nothing is.
    let part: @Sendable (_ size: Int) -> Range<Int>?

    private init(
        _ name: String, _ headers: [String: String], _ status: Int, _ part: @escaping @Sendable (Int) -> Range<Int>? = { _ in nil }
    ) {
        testDescription = name
        self.headers = headers
        self.status = status
        self.part = part
    }

    /// One that is kept in memory, and one that is not.
    static let sizes = [10_000, 700_000]

    static let all = [
        MediaCase("everything", [:], 200) { 0..<$0 },
        MediaCase("the first bytes", ["Range": "bytes=0-9"], 206) { _ in 0..<10 },
        MediaCase("a byte", ["Range": "bytes=4999-4999"], 206) { _ in 4999..<5000 },
        MediaCase("the rest", ["Range": "bytes=5000-"], 206) { 5000..<$0 },
        MediaCase("the last bytes", ["Range": "bytes=-10"], 206) { $0 - 10..<$0 },
        MediaCase("all, as a range", ["Range": "bytes=0-"], 206) { 0..<$0 },
        MediaCase("more than there is", ["Range": "bytes=9000-99999999"], 206) { 9000..<$0 },
        MediaCase("nothing that there is", ["Range": "bytes=99999999-"], 416),
        MediaCase("several ranges that nearly touch", ["Range": "bytes=5-6,0-1"], 206) { _ in 0..<7 },
        MediaCase("several that overlap", ["Range": "bytes=0-, 0-, 4-9, -1"], 206) { 0..<$0 },
        MediaCase("several of which there is one", ["Range": "bytes=7-8, 99999999-"], 206) { _ in 7..<9 },
        MediaCase("thousands", ["Range": "bytes=" + Array(repeating: "0-0", count: 3000).joined(separator: ",")], 200) { 0..<$0 },
        MediaCase("another unit", ["Range": "pages=1-2"], 200) { 0..<$0 },
        MediaCase("the rest of the same", ["Range": "bytes=5000-", "If-Range": "{etag}"], 206) { 5000..<$0 },
        MediaCase("the rest of one as old", ["Range": "bytes=5000-", "If-Range": "{date}"], 206) { 5000..<$0 },
        MediaCase("the rest of another", ["Range": "bytes=5000-", "If-Range": "\"x\""], 200) { 0..<$0 },
        MediaCase("another one than this", ["If-None-Match": "{etag}"], 304),
        MediaCase("a newer one", ["If-Modified-Since": "{date}"], 304),
        MediaCase("this one", ["If-Match": "{etag}"], 200) { 0..<$0 },
        MediaCase("only another one", ["If-Match": "\"x\""], 412),
    ]

    func headers(for file: TestFile) -> [String: String] {
        headers.mapValues { $0.replacing("{etag}", with: file.etag).replacing("{date}", with: "Sat, 21 Nov 2026 09:30:00 GMT") }
    }

    func check(_ size: Int, _ bench: MediaBench) async throws {
        let file = try await bench.add(size)
        try await check(file) { try await bench.get(file, $0) }
    }

    /// - Parameter get: asks for the file, with those headers.
    func check(_ file: TestFile, _ get: ([String: String]) async throws -> MediaAnswer) async throws {
        let size = file.bytes.count
        let answer = try await get(headers(for: file))
        #expect(answer.status == status)
        if status < 400 || status == 416 { #expect(answer.headers["etag"] == file.etag) }
        if status == 416 { #expect(answer.headers["content-range"] == "bytes */\(size)") }
        guard let part = part(size) else { return }
        #expect(answer.body == file.bytes[part])
        #expect(answer.headers["content-length"] == "\(part.count)")
        #expect(answer.headers["content-type"] == "image/jpeg" && answer.headers["accept-ranges"] == "bytes")
        let range = status == 206 ? "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)" : nil
        #expect(answer.headers["content-range"] == range)
    }
}

/// What else has to hold wherever the files lie.
struct MediaClause: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (MediaBench) async throws -> Void

    static let all = [
        MediaClause(testDescription: "HEAD says what GET would, without the bytes") { bench in
            for size in MediaCase.sizes {
                let file = try await bench.add(size)
                let answer = try await bench.head(file, ["Range": "bytes=0-9"])
                #expect(answer.status == 200 && answer.body.isEmpty)
                #expect(answer.headers["content-length"] == "\(size)" && answer.headers["etag"] == file.etag)
                #expect(try await bench.head(file, ["If-None-Match": file.etag]).status == 304)
            }
        },
        MediaClause(testDescription: "several ranges are several parts, in the order asked for") { bench in
            for size in MediaCase.sizes {
                let file = try await bench.add(size)
                let ranges = [size - 50..<size, 0..<10, 5000..<5100]
                let answer = try await bench.get(file, ["Range": "bytes=-50, 0-9, 5000-5099", "If-Range": file.etag])
                #expect(answer.status == 206 && answer.headers["etag"] == file.etag && answer.headers["content-range"] == nil)
                #expect(answer.headers["content-length"] == "\(answer.body.count)")
                let parts = try #require(answer.parts)
                #expect(parts.map(\.body) == ranges.map { file.bytes[$0] })
                #expect(parts.map(\.head) == ranges.map {
                    "Content-Type: image/jpeg\r\nContent-Range: bytes \($0.lowerBound)-\($0.upperBound - 1)/\(size)"
                })
            }
        },
        MediaClause(testDescription: "an object that is not there is a 404, to GET and HEAD") { bench in
            for size in MediaCase.sizes {
                let file = try await bench.add(size)
                try await bench.store.remove(file.media.objectKey)
                let answer = try await bench.get(file)
                #expect(try answer.status == 404 && answer.code == "not_found")
                #expect(try await bench.get(file, ["Range": "bytes=0-9"]).status == 404)
                #expect(try await bench.head(file).status == 404)
            }
        },
        MediaClause(testDescription: "an empty file is empty") { bench in
            let file = try await bench.add(0)
            let answer = try await bench.get(file)
            #expect(answer.status == 200 && answer.body.isEmpty && answer.headers["content-length"] == "0")
            #expect(try await bench.get(file, ["Range": "bytes=0-"]).status == 416)
        },
        MediaClause(testDescription: "a small file comes from memory the second time, even when it is gone") { bench in
            let file = try await bench.add(10_000)
            #expect(try await bench.get(file).body == file.bytes)
            try await bench.store.remove(file.media.objectKey)
            #expect(try await bench.get(file, ["Range": "bytes=-7"]).body == file.bytes.suffix(7))
            #expect(try await bench.head(file).status == 200)
        },
        MediaClause(testDescription: "a file to save is named") { bench in
            let file = try await bench.add(700_000, filename: "été.jpg")
            let answer = try await bench.get(file, more: "&download=1")
            #expect(answer.headers["content-disposition"]?.hasPrefix("attachment; filename=\"_t_.jpg\"") == true)
        },
        MediaClause(testDescription: "who may only look gets the file to show, and none to save") { bench in
            let file = try await bench.add(10_000)
            let url = bench.url(file, grant: TestGrants.lookingToken)
            #expect(try await MediaAnswer.of(url, headers: [:]).body == file.bytes)
            for method in [HTTPMethod.GET, .HEAD] {
                let answer = try await MediaAnswer.of("\(url)&download=1", method: method, headers: [:])
                #expect(answer.status == 403 && answer.headers["content-disposition"] == nil)
            }
            #expect(try await MediaAnswer.of("\(url)&download=1", headers: [:]).code == "download_withheld")
        },
        MediaClause(testDescription: "a cookie opens what its token opens, among others that open nothing") { bench in
            let file = try await bench.add(10_000)
            let url = "http://127.0.0.1:\(bench.port)\(file.path.text)"
            let cookies = "theme=dark; lumiere-media-a=forged; lumiere-media-b=\(TestGrants.token)"
            #expect(try await MediaAnswer.of(url, headers: ["Cookie": cookies]).body == file.bytes)
            #expect(try await MediaAnswer.of(url, method: .HEAD, headers: ["Cookie": cookies]).status == 200)
            for none in ["theme=dark", "lumiere-media-a=forged", "x=\(TestGrants.token)"] {
                #expect(try await MediaAnswer.of(url, headers: ["Cookie": none]).status == 401)
            }
        },
        MediaClause(testDescription: "guests' looks and downloads are counted as they begin, by whatever way they are answered") { bench in
            for size in [9_000, 900_000] {
                let id = OriginalID(at: TestFile.modified)
                let medium = MediaPath.rendition(id, .medium, recipe: "0123456789ab", .jpeg)
                let small = MediaPath.rendition(id, .small, recipe: "0123456789ab", .jpeg)
                let file = try await bench.add(.noise(size), contentType: "image/jpeg", at: medium)
                let tile = try await bench.add(.noise(size), contentType: "image/jpeg", at: small)
                // The first is answered by the routes, the next ones on the event loop where that is possible.
                for _ in 0..<3 {
                    #expect(try await bench.get(file).status == 200 && bench.tally.take() == [.view])
                    #expect(try await bench.get(file, ["Range": "bytes=0-9"]).status == 206 && bench.tally.take() == [.view])
                    #expect(try await bench.get(file, ["Range": "bytes=10-19"]).status == 206 && bench.tally.take() == [])
                    #expect(try await bench.get(file, ["If-None-Match": file.etag]).status == 304 && bench.tally.take() == [])
                    #expect(try await bench.head(file).status == 200 && bench.tally.take() == [])
                    #expect(try await bench.get(tile).status == 200 && bench.tally.take() == [])
                    #expect(try await bench.get(tile, more: "&download=1").status == 200 && bench.tally.take() == [.download])
                    let staff = try await MediaAnswer.of(bench.url(file, grant: TestGrants.staffToken), headers: [:])
                    #expect(staff.status == 200 && bench.tally.take() == [])
                }
            }
        },
        MediaClause(testDescription: "what links count is a file, not a request; and nothing that is only shown") { bench in
            let (file, other) = (try await bench.add(10_000), try await bench.add(20_000))
            let original = try await bench.add(
                .noise(30_000), contentType: "image/jpeg", filename: "IMG_2.JPG", requiring: .original)
            func get(_ file: TestFile, _ headers: [String: String] = [:], more: String = "&download=1") async throws -> Int {
                try await MediaAnswer.of(bench.url(file, more, grant: TestGrants.countedToken), headers: headers).status
            }
            #expect(try await get(file, more: "") == 200)
            #expect(try await MediaAnswer.of(bench.url(file, "&download=1", grant: TestGrants.countedToken), method: .HEAD, headers: [:]).status == 200)
            #expect(try await get(file, ["Range": "bytes=10000-"]) == 416)
            #expect(try await get(file, ["If-Match": "\"another\""]) == 412)
            #expect(try await get(file, ["If-None-Match": "*"]) == 304)
            #expect(bench.downloads.all.isEmpty)
            #expect(try await get(file, ["Range": "bytes=0-99"]) == 206)
            #expect(try await get(file, ["Range": "bytes=100-"]) == 206)
            #expect(try await get(original, more: "") == 200)
            #expect(Set(bench.downloads.all) == [file.media.sha256, original.media.sha256])
            #expect(try await get(other) == 403)
            #expect(try await get(file) == 200)
            // Somebody whose downloads need no counting takes precedence, and uses nothing up.
            let both = try await MediaAnswer.of(
                bench.url(other, "&download=1", grant: TestGrants.countedToken), headers: ["Authorization": "Bearer admin"])
            #expect(both.status == 200 && !bench.downloads.all.contains(other.media.sha256))
        },
        MediaClause(testDescription: "many readers of one file each get all of it") { bench in
            let file = try await bench.add(3_000_000)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 { group.addTask { try await bench.get(file).body == file.bytes } }
                for try await isWhole in group { #expect(isWhole) }
            }
        },
    ]
}

extension MediaAnswer {
    /// The parts of a `multipart/byteranges` body; `nil` when it is none, to the byte.
    var parts: [(head: String, body: Data)]? {
        guard let match = headers["content-type"]?.wholeMatch(of: /multipart\/byteranges; boundary=([0-9a-f]{32})/) else { return nil }
        let mark = Data("--\(match.1)".utf8)
        var rest = body[...]
        var parts: [(String, Data)] = []
        guard rest.starts(with: mark) else { return nil }
        while true {
            rest = rest.dropFirst(mark.count)
            if rest == Data("--\r\n".utf8) { return parts }
            guard rest.starts(with: Data("\r\n".utf8)), let head = rest.range(of: Data("\r\n\r\n".utf8)),
                let end = rest.range(of: Data("\r\n".utf8) + mark)
            else { return nil }
            parts.append((String(decoding: rest[rest.startIndex + 2..<head.lowerBound], as: UTF8.self), Data(rest[head.upperBound..<end.lowerBound])))
            rest = rest[(end.lowerBound + 2)...]
        }
    }
}
