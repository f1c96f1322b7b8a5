import Core
import Foundation
import Testing

@testable import Ingest

let extensionRules = [
    TusRule("Upload-Expires MUST be in the answers to POST and PATCH of an unfinished upload, as an HTTP date") { server in
        let created = try await server.create(["Upload-Length": "5"])
        #expect(created["upload-expires"] == "Sat, 16 Jan 2027 08:00:00 GMT")
        let url = try #require(created["location"])
        server.house.clock.advance(.seconds(3600))
        #expect(try await server.append(url, at: 0, "he")["upload-expires"] == "Sat, 16 Jan 2027 09:00:00 GMT")
        #expect(try await server.append(url, at: 2, "")["upload-expires"] == "Sat, 16 Jan 2027 09:00:00 GMT")
        #expect(try await server.head(url)["upload-expires"] == "Sat, 16 Jan 2027 09:00:00 GMT")
        #expect(try await server.append(url, at: 2, "llo")["upload-expires"] == nil)
    },
    TusRule("an expired upload SHOULD be 410, also once it is removed") { server in
        let url = try await server.location(length: 5)
        server.house.clock.advance(.seconds(24 * 3600))
        for _ in 0..<2 {
            let answers = [try await server.head(url), try await server.append(url, at: 0, "hello"), try await server.ask("DELETE", url)]
            for answer in answers {
                #expect(answer.status == 410)
                #expect(answer["upload-offset"] == nil)
            }
            try await server.ingest.worker.sweeper.sweep()
        }
    },
    TusRule("a terminated upload MUST be 204, then SHOULD be 404 or 410") { server in
        let (open, whole) = (try await server.location(length: 5), try await server.location(length: 2))
        _ = try await server.append(open, at: 0, "he")
        _ = try await server.append(whole, at: 0, "he")
        for url in [open, whole] {
            #expect(try await server.ask("DELETE", url).status == 204)
            #expect(try await server.head(url).status == 410)
            #expect(try await server.append(url, at: 2, "").status == 410)
            #expect(try await server.ask("DELETE", url).status == 410)
        }
    },
    TusRule("a matching checksum is 204") { server in
        for algorithm in TusMachine.checksumAlgorithms {
            let url = try await server.location(length: 11)
            for (offset, text) in [(0, "hello"), (5, " world")] {
                let sum = checksum(algorithm, text.utf8)
                #expect(try await server.append(url, at: offset, text, ["Upload-Checksum": sum]).status == 204)
            }
            #expect(try await server.head(url)["upload-offset"] == "11")
        }
    },
    TusRule("another checksum is 460: the chunk MUST be discarded, the offset MUST NOT be updated") { server in
        for algorithm in TusMachine.checksumAlgorithms {
            let url = try await server.location(length: 5)
            _ = try await server.append(url, at: 0, "he")
            let answer = try await server.append(url, at: 2, "llo", ["Upload-Checksum": checksum(algorithm, "lla".utf8)])
            #expect(answer.status == 460)
            #expect(try await server.head(url)["upload-offset"] == "2")
        }
    },
    TusRule("an unknown algorithm or a malformed value is 400: the chunk MUST be discarded") { server in
        let url = try await server.location(length: 5)
        let texts = ["sha3 AAAA", "sha512 AAAA", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1", "sha1 AAAA", "", "sha1  ====" ]
        for text in texts {
            #expect(try await server.append(url, at: 0, "hello", ["Upload-Checksum": text]).status == 400, "\(text)")
        }
        #expect(try await server.head(url)["upload-offset"] == "0")
    },
    TusRule("a checksum may follow as a trailer, and holds as well") { server in
        let url = try await server.location(length: 11)
        let announced: [String: String?] = ["Trailer": "Upload-Checksum"]
        for (offset, text) in [(0, "hello"), (5, " world")] {
            let wrong = "Upload-Checksum: \(checksum(.sha256, "other".utf8))\r\n"
            #expect(try await server.append(url, at: offset, text, announced, trailers: wrong).status == 460)
            #expect(try await server.append(url, at: offset, text, announced, trailers: "").status == 400)
            #expect(try await server.append(url, at: offset, text, announced, trailers: "Upload-Checksum: x\r\n").status == 400)
            let right = "upload-checksum: \(checksum(.sha256, text.utf8))\r\n"
            #expect(try await server.append(url, at: offset, text, announced, trailers: right).status == 204)
        }
        await server.ingest.settled()
        #expect(try await server.house.photos() == [hex(Array("hello world".utf8))])
    },
    TusRule("a checksum holds for the bytes that come with the creation, too") { server in
        let type: [String: String?] = ["Content-Type": TusMachine.contentType, "Upload-Length": "5"]
        let good = try await server.create(type.merging(["Upload-Checksum": checksum(.sha1, "he".utf8)]) { $1 }, body: "he")
        #expect(good.status == 201)
        #expect(good["upload-offset"] == "2")
        let bad = try await server.create(type.merging(["Upload-Checksum": checksum(.sha1, "ha".utf8)]) { $1 }, body: "he")
        #expect(bad.status == 460)
        #expect(bad["location"] == nil)
    },
]
