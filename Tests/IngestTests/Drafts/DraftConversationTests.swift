import Core
import Crypto
import Foundation
import TestSupport
import Testing

@testable import Ingest

@Suite("Conversations with clients of the IETF drafts")
struct DraftConversationTests {
    @Test("a client creates, breaks off, asks, appends and finishes", arguments: DraftVersion.known)
    func breakAndResume(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let bytes = randomBytes(600_000, seed: UInt64(version))
            let broken = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true), "Content-Type: image/jpeg"],
                announcing: bytes.count, bytes[..<250_000])
            let information = try await broken.next()
            let location = try #require(information["location"])
            let limit = version >= 6 ? "Upload-Limit: max-size=53687091200, min-size=0, \(version == 6 ? "expires" : "max-age")=86400\r\n" : ""
            let expected = "HTTP/1.1 104 Upload Resumption Supported\r\nUpload-Draft-Interop-Version: \(version)\r\nLocation: \(location)\r\n\(limit)"
            #expect(information.head + "\r\n" == expected)
            let upload = try uploadPath(location)
            let id = try #require(UploadID(String(upload.dropFirst("/api/uploads/".count))))
            try await broken.close()
            _ = try await eventually("every byte that came") { try await ingest.service.find(id)?.offset == 250_000 ? true : nil }

            let status = try await client.head(upload)
            #expect(status.status == 204)
            #expect(status["upload-offset"] == "250000")
            #expect(client.saysComplete(status) == false)
            #expect(status["cache-control"] == "no-store")
            #expect(status["upload-length"] == (version >= 6 ? "600000" : nil))
            #expect((status["upload-limit"] != nil) == (version >= 6))

            let wrong = try await client.append(upload, at: 100, isLast: true, bytes[100...])
            #expect(wrong.status == 409 && wrong["upload-offset"] == "250000" && client.saysComplete(wrong) == false)
            #expect(wrong["content-type"] == "application/problem+json")
            #expect(wrong.json?["expected-offset"] == 250_000 && wrong.json?["provided-offset"] == 100)

            let middle = try await client.append(upload, at: 250_000, isLast: false, bytes[250_000..<400_000])
            #expect(middle.status == (version <= 6 ? 201 : 204))
            #expect(middle["upload-offset"] == "400000" && client.saysComplete(middle) == false)

            let last = try await client.append(upload, at: 400_000, isLast: true, bytes[400_000...])
            #expect(last.status == 201 && client.saysComplete(last) == true && last.json?["id"]?.stringValue == id.description)
            #expect(last["upload-offset"] == (version <= 6 ? "600000" : nil))

            let whole = try await client.head(upload)
            #expect(whole.status == 204 && whole["upload-offset"] == "600000" && client.saysComplete(whole) == true)
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("without a version that is known there is no 104, and everything else", arguments: [nil, "99"] as [String?])
    func undeclared(_ version: String?) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: nil, port: port)
            let lines = version.map { ["Upload-Draft-Interop-Version: \($0)"] } ?? []
            let bytes = randomBytes(50_000, seed: 9)
            let created = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", lines + ["Upload-Complete: ?0", "Upload-Length: 50000"], bytes[..<20_000]
            ).next()
            #expect(created.status == 201 && created["upload-complete"] == "?0" && created["upload-limit"]?.hasPrefix("max-size=") == true)
            let upload = try uploadPath(created["location"])
            #expect(try await client.head(upload)["upload-offset"] == "20000")
            let last = try await client.append(upload, at: 20_000, isLast: true, bytes[20_000...])
            #expect(last.status == 201 && last["upload-complete"] == "?1")
            // Its answer was lost: the client asks for it again.
            let again = try await client.append(upload, at: 50_000, isLast: true, [])
            #expect(again.status == 201 && again["upload-complete"] == "?1")
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("one request is enough, and is told where it can be gone on with", arguments: DraftVersion.known)
    func oneRequest(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let bytes = randomBytes(30_000, seed: 3)
            for (method, path) in [("POST", "files/a.jpg"), ("PUT", "files/b.jpg")] {
                let lines = [client.isLast(true), "Content-Type: image/jpeg"]
                let (answer, before) = try await client.begin(method, "/api/sessions/\(house.session)/\(path)", lines, bytes[...]).final()
                #expect(before.count == 1 && before.first?["location"] == answer["location"])
                #expect(answer.status == 201 && client.saysComplete(answer) == true)
                #expect(answer.json?["filename"]?.stringValue == String(path.dropFirst("files/".count)))
            }
            await ingest.settled()
            // The same bytes are the same photo.
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("a long body is answered with 104s that only grow and never promise what is not safe", arguments: [3, 4, 5, 6, 9])
    func progress(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let count = 40 << 20
            let uploader = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true)], announcing: count)
            let first = try await uploader.next()
            let id = try #require(UploadID(String(try uploadPath(first["location"]).dropFirst("/api/uploads/".count))))
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<40 { try await uploader.send(bytes: piece) }
            let (answer, before) = try await uploader.final()
            #expect(answer.status == 201)
            let offsets = before.compactMap { $0["upload-offset"].flatMap(Int.init) }
            #expect(offsets.count == before.count && offsets == offsets.sorted())
            #expect(offsets.isEmpty == (version < 5))
            #expect(offsets.allSatisfy { $0 > 0 && $0 <= count })
            #expect(before.allSatisfy { $0.status == 104 && $0.names == ["upload-draft-interop-version", "upload-offset"] })
            #expect(try await ingest.service.find(id)?.offset == Int64(count))
        }
    }

    @Test("each stretch of a long body is answered once it is safe, while the rest still comes", arguments: [5, 6, 7, 8, 9])
    func repeatedProgress(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let rounds = 4
            let uploader = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true)], announcing: rounds * 8 << 20)
            #expect(try await uploader.next()["location"] != nil)
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            var last = 0
            for round in 1...rounds {
                for _ in 0..<8 { try await uploader.send(bytes: piece) }
                if round == rounds { break }
                // Nothing more is sent before it comes.
                let information = try await uploader.next()
                let offset = try #require(information["upload-offset"].flatMap(Int.init))
                #expect(information.status == 104 && offset > last && offset <= round * 8 << 20)
                last = offset
            }
            let (answer, before) = try await uploader.final()
            #expect(answer.status == 201)
            let offsets = before.compactMap { $0["upload-offset"].flatMap(Int.init) }
            for offset in offsets {
                #expect(offset > last)
                last = offset
            }
        }
    }

    @Test("an upload that its client was not told of ends with its connection", arguments: [
        (nil, []), (9, ["X-Forwarded-For: 192.0.2.1"]), (9, []),
    ] as [(Int?, [String])])
    func unannounced(_ version: Int?, _ lines: [String]) async throws {
        try await withIngestServer { $0.openUploadsPerUploader = 1 } _: { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let isTold = version != nil && lines.isEmpty
            let uploader = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", lines + [client.isLast(true)], announcing: 1000, [1, 2, 3])
            for await _ in house.events.news.stream { break }
            try await uploader.close()
            let id = try await eventually("the end of the request") {
                let rows = try await house.database.read { try $0.query("SELECT id, state FROM uploads") }
                let state: String? = try rows.first?.get("state")
                let isOver = isTold ? await ingest.service.registry.count == 0 : state == "terminated"
                return isOver ? try rows.first?.get("id") as UploadID? : nil
            }
            #expect(try await ingest.service.find(id)?.state == (isTold ? .receiving : .terminated))
            // It is not in the way of another attempt.
            let (again, _) = try await client.begin("POST", "/api/uploads?session=\(house.session)", [client.isLast(true)], [1, 2, 3]).final()
            #expect(again.status == (isTold ? 429 : 201))
        }
    }

    @Test("an empty file is created by an empty request", arguments: [3, 9])
    func emptyFile(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let (answer, _) = try await client.begin("POST", "/api/uploads?session=\(house.session)", [client.isLast(true)]).final()
            #expect(answer.status == 201 && client.saysComplete(answer) == true && answer.json?["length"] == 0)
        }
    }

    @Test("bytes beyond the length end the upload for good", arguments: [7, 9])
    func excess(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let (created, _) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", ["Upload-Complete: ?0", "Upload-Length: 10"]).final()
            let upload = try uploadPath(created["location"])
            // What is announced is refused before it comes, and harms nobody.
            let announced = try await client.append(upload, at: 0, isLast: false, [UInt8](repeating: 1, count: 11)[...])
            #expect(announced.status == 400 && announced.json?["type"]?.stringValue?.hasSuffix("#inconsistent-upload-length") == true)
            #expect(try await client.head(upload)["upload-offset"] == "0")
            let uploader = try await RawUploader.connect(port)
            try await uploader.send(
                "PATCH \(upload) HTTP/1.1", "Upload-Draft-Interop-Version: \(version)", "Upload-Offset: 0", "Upload-Complete: ?0",
                "Content-Type: application/partial-upload", "Transfer-Encoding: chunked", body: Array("b\r\nhello world\r\n0\r\n\r\n".utf8))
            let (refused, _) = try await uploader.final()
            #expect(refused.status == 400 && refused["upload-complete"] == "?0")
            #expect(try await client.head(upload).status == 410)
        }
    }

    @Test("an upload can be ended by its client, and is then gone", arguments: [3, 9])
    func cancellation(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let (created, _) = try await client.begin("POST", "/api/uploads?session=\(house.session)", [client.isLast(false)]).final()
            let upload = try uploadPath(created["location"])
            #expect(try await client.begin("DELETE", upload).next().status == 204)
            #expect(try await client.head(upload).status == (version <= 6 ? 404 : 410))
        }
    }

    @Test("GET with a version says where the upload stands, and is readable besides")
    func get() async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: 9, port: port)
            let (created, _) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(false)], [1, 2, 3]).final()
            let view = try await client.begin("GET", try uploadPath(created["location"])).next()
            #expect(view.status == 200 && view["upload-offset"] == "3" && view["upload-complete"] == "?0")
            #expect(view.json?["state"]?.stringValue == "receiving")
        }
    }

    @Test("OPTIONS announces the limits wherever a resumable upload can begin", arguments: ["/api/uploads", "/api/sessions/x/files/a.jpg"])
    func options(_ path: String) async throws {
        try await withIngestServer { _, _, port in
            let answer = try await DraftClient(version: nil, port: port).begin("OPTIONS", path).next()
            #expect(answer.status == 204 && answer["upload-limit"] == "max-size=53687091200, min-size=0, max-age=86400")
            #expect(answer["accept-patch"] == "application/partial-upload")
            let six = try await DraftClient(version: 6, port: port).begin("OPTIONS", path).next()
            #expect(six["upload-limit"]?.hasSuffix("expires=86400") == true)
        }
    }

    @Test("too large a file is refused with the limits, before any byte", arguments: [nil, 6, 9] as [Int?])
    func tooLarge(_ version: Int?) async throws {
        try await withIngestServer { $0.maxUploadSize = 1000 } _: { house, _, port in
            let client = DraftClient(version: version, port: port)
            let (answer, before) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true)], announcing: 1001).final()
            #expect(before.isEmpty && answer.status == 413 && answer["upload-limit"]?.hasPrefix("max-size=1000, min-size=0") == true)
        }
    }

    @Test("behind a proxy no 104 is sent")
    func behindProxy() async throws {
        try await withIngestServer { house, _, port in
            let client = DraftClient(version: 9, port: port)
            let (answer, before) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true), "X-Forwarded-For: 192.0.2.1"], [1]).final()
            #expect(before.isEmpty && answer.status == 201)
        }
    }

    @Test("a newer request takes the upload over from one that is still sending", arguments: [3, 9])
    func takeover(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let older = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true)], announcing: 1000, [UInt8](repeating: 1, count: 400)[...])
            let upload = try uploadPath(try await older.next()["location"])
            for await _ in house.events.news.stream { break }
            #expect(try await client.head(upload)["upload-offset"] == "400")
            #expect(try await older.final().answer.status == 423)
            let last = try await client.append(upload, at: 400, isLast: true, [UInt8](repeating: 1, count: 600)[...])
            #expect(client.saysComplete(last) == true)
        }
    }

    @Test("bytes that are not those of their Content-Digest are not appended, those that are count", arguments: [6, 9])
    func contentDigest(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let (created, _) = try await client.begin("POST", "/api/uploads?session=\(house.session)", [client.isLast(false)]).final()
            let upload = try uploadPath(created["location"])
            let bytes = randomBytes(100_000, seed: 6)
            let digest = "Content-Digest: md5=:AAAA:, sha-256=:\(base64Bytes(Array(SHA256.hash(data: bytes)))):"
            let lines = ["Content-Type: application/partial-upload", "Upload-Offset: 0", client.isLast(true), digest]
            let other = randomBytes(100_000, seed: 7)
            let refused = try await client.begin("PATCH", upload, lines, other[...]).final().answer
            #expect(refused.status == 400 && refused.json?["code"]?.stringValue == "checksum_mismatch" && client.saysComplete(refused) == false)
            #expect(try await client.head(upload)["upload-offset"] == "0")
            let answer = try await client.begin("PATCH", upload, lines, bytes[...]).final().answer
            #expect(answer.status == 201 && client.saysComplete(answer) == true)
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("a file that is not that of its Repr-Digest fails, through every door", arguments: [true, false])
    func reprDigest(_ isTrue: Bool) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: 9, port: port)
            let bytes = randomBytes(1000, seed: 8)
            let digest = SHA256.hash(data: isTrue ? bytes : [])
            let line = "Repr-Digest: sha-256=:\(base64Bytes(Array(digest))):"
            let doors = [
                ("POST", "/api/uploads?session=\(house.session)", ["Upload-Complete: ?1"]),
                ("PUT", "/api/sessions/\(house.session)/files/a.jpg", ["Upload-Complete: ?1"]),
                ("PUT", "/api/sessions/\(house.session)/files/b.jpg", []),
            ]
            for (method, path, lines) in doors {
                let answer = try await client.begin(method, path, lines + [line], bytes[...]).final().answer
                // The content does not change the protocol's answer.
                #expect(answer.status == 201)
                await ingest.settled()
                let id = try #require(answer.json?["id"]?.stringValue.flatMap(UploadID.init))
                #expect(try await ingest.service.find(id)?.failure == (isTrue ? nil : "checksum_mismatch"))
            }
        }
    }

    @Test("the digest that is asked for is told once the file is whole, and by HEAD from then on", arguments: [
        ("sha-256=1", true), ("sha-512=10, sha-256=3", true), ("sha-256=0", false), ("sha-512=10", false), ("sha-256", false),
        ("sha-256=11", false), ("sha-256=", false),
    ])
    func wantedDigest(_ field: String, _ isTold: Bool) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: 9, port: port)
            let bytes = randomBytes(1_000_000, seed: 11)
            let digest = isTold ? "sha-256=:\(base64Bytes(Array(SHA256.hash(data: bytes)))):" : nil
            let want = ["Want-Repr-Digest: \(field)"]
            let (first, _) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", want + ["Upload-Complete: ?0"], bytes[..<600_000]).final()
            #expect(first.status == 201 && first["repr-digest"] == nil)
            let upload = try uploadPath(first["location"])
            #expect(try await client.begin("HEAD", upload, want).next(toHead: true)["repr-digest"] == nil)
            let lines = want + ["Content-Type: application/partial-upload", "Upload-Offset: 600000", "Upload-Complete: ?1"]
            let (last, _) = try await client.begin("PATCH", upload, lines, bytes[600_000...]).final()
            #expect(last.status == 201 && last["repr-digest"] == digest)
            await ingest.settled()
            #expect(try await client.begin("HEAD", upload, want).next(toHead: true)["repr-digest"] == digest)
            #expect(try await client.head(upload)["repr-digest"] == nil)
            let whole = want + ["Upload-Complete: ?1", "Repr-Digest: sha-256=:\(base64Bytes([UInt8](repeating: 0, count: 32))):"]
            // What was promised is never told as what it is.
            let (failed, _) = try await client.begin("PUT", "/api/sessions/\(house.session)/files/a.jpg", whole, bytes[...]).final()
            #expect(failed.status == 201 && failed["repr-digest"] == nil)
        }
    }
}
