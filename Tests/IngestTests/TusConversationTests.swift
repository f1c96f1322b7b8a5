import Core
import Crypto
import TestSupport
import Testing

@testable import Ingest

@Suite("Conversations with clients of tus 1.0.0")
struct TusConversationTests {
    private static let tus = "Tus-Resumable: 1.0.0"
    private static let bytes = "Content-Type: application/offset+octet-stream"

    private func create(_ client: RawUploader, _ house: House, _ lines: [String], body: [UInt8] = []) async throws -> RawAnswer {
        let metadata = "Upload-Metadata: session \(base64(house.session.description)),filename \(base64("a.jpg"))"
        let head = ["POST /api/uploads HTTP/1.1", "Host: x", Self.tus, metadata] + lines + ["Content-Length: \(body.count)"]
        try await client.send(bytes: Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try await client.next()
    }

    private func path(_ location: String?) throws -> String {
        let location = try #require(location)
        #expect(location.hasPrefix("http://x/api/uploads/"))
        return String(location.dropFirst("http://x".count))
    }

    @Test("an upload is created, asked for, continued under another method's name, and ended")
    func wholeLife() async throws {
        try await withIngestServer { house, _, port in
            let client = try await RawUploader.connect(port)
            let created = try await create(client, house, ["Upload-Length: 4"])
            #expect(created.status == 201 && created["tus-resumable"] == "1.0.0" && created["upload-expires"] != nil)
            let upload = try path(created["location"])
            try await client.send(
                "POST \(upload) HTTP/1.1", "X-HTTP-Method-Override: PATCH", Self.tus, Self.bytes, "Upload-Offset: 0",
                "Content-Length: 2", body: [1, 2])
            let patched = try await client.next()
            #expect(patched.status == 204 && patched["upload-offset"] == "2" && patched["upload-expires"] != nil)
            try await client.send("HEAD \(upload) HTTP/1.1", Self.tus)
            let head = try await client.next(toHead: true)
            #expect(head.status == 200 && head["upload-offset"] == "2" && head["upload-length"] == "4")
            #expect(head["cache-control"] == "no-store" && head["tus-resumable"] == "1.0.0")
            #expect(head["upload-metadata"]?.hasPrefix("session ") == true)
            try await client.send("DELETE \(upload) HTTP/1.1", Self.tus)
            #expect(try await client.next().status == 204)
            try await client.send("HEAD \(upload) HTTP/1.1", Self.tus)
            let gone = try await client.next(toHead: true)
            #expect(gone.status == 410 && gone["upload-offset"] == nil)
        }
    }

    @Test("bytes come along with the creation, and are counted in its answer")
    func creationWithUpload() async throws {
        try await withIngestServer { house, _, port in
            let client = try await RawUploader.connect(port)
            let created = try await create(client, house, ["Upload-Defer-Length: 1", Self.bytes], body: [1, 2, 3])
            #expect(created.status == 201 && created["upload-offset"] == "3")
            try await client.send("HEAD \(try path(created["location"])) HTTP/1.1", Self.tus)
            let head = try await client.next(toHead: true)
            #expect(head["upload-defer-length"] == "1" && head["upload-length"] == nil)
        }
    }

    @Test("another version is refused with the one that is spoken, whatever the request")
    func version() async throws {
        try await withIngestServer { house, ingest, port in
            let id = try await ingest.create(house.creation(5))
            for line in ["POST /api/uploads", "PATCH /api/uploads/\(id)", "DELETE /api/uploads/\(id)"] {
                let client = try await RawUploader.connect(port)
                try await client.send("\(line) HTTP/1.1", "Tus-Resumable: 0.2.2", "Upload-Length: 5", "Content-Length: 0")
                let answer = try await client.next()
                #expect(answer.status == 412 && answer["tus-version"] == "1.0.0" && answer["tus-resumable"] == "1.0.0")
            }
            #expect(try await ingest.service.find(id)?.state == .receiving)
        }
    }

    @Test("a checksum may follow the body as a trailer", arguments: [(true, 204), (false, 460)])
    func trailer(_ isTrue: Bool, _ status: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let id = try await ingest.create(house.creation(5))
            let client = try await RawUploader.connect(port)
            let digest = Insecure.SHA1.hash(data: Array((isTrue ? "hello" : "hallo").utf8))
            let body = "5\r\nhello\r\n0\r\nUpload-Checksum: sha1 \(base64Bytes(Array(digest)))\r\n\r\n"
            try await client.send(
                "PATCH /api/uploads/\(id) HTTP/1.1", Self.tus, Self.bytes, "Upload-Offset: 0", "Transfer-Encoding: chunked",
                "Trailer: Upload-Checksum", body: Array(body.utf8))
            #expect(try await client.next().status == status)
            #expect(try await ingest.service.find(id)?.offset == (isTrue ? 5 : 0))
        }
    }

    @Test("OPTIONS needs no version, and announces what holds")
    func options() async throws {
        try await withIngestServer { _, _, port in
            let client = try await RawUploader.connect(port)
            try await client.send("OPTIONS /api/uploads HTTP/1.1")
            let answer = try await client.next()
            #expect(answer.status == 204 && answer["tus-version"] == "1.0.0" && answer["tus-max-size"] == "53687091200")
            #expect(answer["tus-extension"] == TusMachine.extensions.joined(separator: ","))
        }
    }

    @Test("refusals carry the version too", arguments: [
        ("PATCH", "Upload-Offset: 1", 409), ("PATCH", "Upload-Offset: x", 400), ("PATCH", "Content-Type: text/plain", 415),
    ])
    func refusals(_ method: String, _ line: String, _ status: Int) async throws {
        try await withIngestServer { house, ingest, port in
            let id = try await ingest.create(house.creation(5))
            let client = try await RawUploader.connect(port)
            let type = line.hasPrefix("Content-Type") ? [] : [Self.bytes]
            let head = ["\(method) /api/uploads/\(id) HTTP/1.1", "Host: x", Self.tus, line] + type + ["Content-Length: 1"]
            try await client.send(bytes: Array((head.joined(separator: "\r\n") + "\r\n\r\na").utf8))
            let answer = try await client.next()
            #expect(answer.status == status && answer["tus-resumable"] == "1.0.0")
            #expect(try await ingest.service.find(id)?.offset == 0)
        }
    }
}
