import Core
import TestSupport
import Testing

@testable import Ingest

@Suite("The end of an upload, which its client has to declare")
struct DraftCompletionTests {
    @Test("an upload of unknown length ends when its client says so, in an empty request too", arguments: [nil, 3, 6, 8, 9] as [Int?])
    func unknownLength(_ version: Int?) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let bytes = randomBytes(10_000, seed: 4)
            let (created, _) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(false)]).final()
            #expect(created.status == 201 && client.saysComplete(created) == false)
            let upload = try uploadPath(created["location"])
            #expect(try await client.append(upload, at: 0, isLast: false, bytes[...])["upload-offset"] == "10000")
            let closed = try await client.append(upload, at: 10_000, isLast: true, [])
            #expect(closed.status == 201 && client.saysComplete(closed) == true)
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("an upload that has its length is not complete before its client says so")
    func lengthIsNotTheEnd() async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: 9, port: port)
            let bytes = randomBytes(1000, seed: 5)
            let (created, _) = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", ["Upload-Complete: ?0", "Upload-Length: 1000"], bytes[...]).final()
            #expect(created["upload-complete"] == "?0" && created["upload-offset"] == "1000")
            let upload = try uploadPath(created["location"])
            let status = try await client.head(upload)
            #expect(status["upload-complete"] == "?0" && status["upload-offset"] == "1000" && status["upload-length"] == "1000")
            await ingest.settled()
            #expect(try await house.photos() == [])
            #expect(try await client.append(upload, at: 1000, isLast: true, [])["upload-complete"] == "?1")
            await ingest.settled()
            #expect(try await house.photos().count == 1)
        }
    }

    @Test("an append that says there is more does not complete an upload whose length is known", arguments: [3, 4, 5, 6, 7, 8, 9])
    func moreToCome(_ version: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let bytes = randomBytes(1000, seed: 10)
            // Its length is that of its first request, which was to be the only one.
            let broken = try await client.begin(
                "POST", "/api/uploads?session=\(house.session)", [client.isLast(true)], announcing: 1000, bytes[..<400])
            let upload = try uploadPath(try await broken.next()["location"])
            for await _ in house.events.news.stream { break }
            try await broken.close()
            #expect(try await client.head(upload)["upload-offset"] == "400")
            let all = try await client.append(upload, at: 400, isLast: false, bytes[400...])
            #expect(client.saysComplete(all) == false && all["upload-offset"] == "1000")
            let status = try await client.head(upload)
            #expect(client.saysComplete(status) == false && status["upload-offset"] == "1000")
            house.clock.advance(UploadSweeper.patience + .seconds(1))
            try await ingest.worker.sweeper.sweep()
            await ingest.settled()
            #expect(try await house.photos() == [])
            let last = try await client.append(upload, at: 1000, isLast: true, [])
            #expect(last.status == 201 && client.saysComplete(last) == true)
            await ingest.settled()
            #expect(try await house.photos() == [hex(bytes)])
        }
    }

    @Test("a last append that is refused does not complete an upload that has all its bytes")
    func refusedEnd() async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: 9, port: port)
            let lines = ["Upload-Complete: ?0", "Upload-Length: 3"]
            let (created, _) = try await client.begin("POST", "/api/uploads?session=\(house.session)", lines, [1, 2, 3]).final()
            let upload = try uploadPath(created["location"])
            let lie = "Content-Digest: sha-256=:\(base64Bytes([UInt8](repeating: 0, count: 32))):"
            let end = ["Content-Type: application/partial-upload", "Upload-Offset: 3", "Upload-Complete: ?1", lie]
            #expect(try await client.begin("PATCH", upload, end).final().answer.status == 400)
            let status = try await client.head(upload)
            #expect(status["upload-complete"] == "?0" && status["upload-offset"] == "3")
        }
    }

    @Test("tus and the drafts go on with each other's uploads")
    func bothDialects() async throws {
        try await withIngestServer { house, ingest, port in
            let tus = try await RawUploader.connect(port)
            let metadata = "session \(base64(house.session.description))"
            try await tus.send(
                "POST /api/uploads HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Length: 4", "Upload-Metadata: \(metadata)", "Content-Length: 0")
            let upload = try uploadPath(try await tus.next()["location"])
            let client = DraftClient(version: 9, port: port)
            #expect(try await client.append(upload, at: 0, isLast: false, [1, 2])["upload-offset"] == "2")
            try await tus.send(
                "PATCH \(upload) HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: 2", "Content-Type: application/offset+octet-stream",
                "Content-Length: 2", body: [3, 4])
            #expect(try await tus.next().status == 204)
            #expect(try await client.head(upload)["upload-complete"] == "?1")
        }
    }

    @Test("tus completes an upload that the drafts have left open with all its bytes")
    func tusCloses() async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: 9, port: port)
            let lines = ["Upload-Complete: ?0", "Upload-Length: 4"]
            let (created, _) = try await client.begin("POST", "/api/uploads?session=\(house.session)", lines, [1, 2, 3, 4]).final()
            let upload = try uploadPath(created["location"])
            #expect(try await client.head(upload)["upload-complete"] == "?0")
            let tus = try await RawUploader.connect(port)
            try await tus.send(
                "PATCH \(upload) HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: 4", "Content-Type: application/offset+octet-stream",
                "Content-Length: 0")
            #expect(try await tus.next().status == 204)
            await ingest.settled()
            #expect(try await house.photos().count == 1)
        }
    }
}
