import Core
import Crypto
import Foundation
import TestSupport
import Testing

@testable import Ingest

@Suite("Over HTTP, a file that the session has already")
struct KnownOverHTTPTests {
    private static let text = "what a photo is made of"
    private static let sha256 = hex(Array(text.utf8))

    /// Sends a file for the first time.
    private func send(_ server: TusServer) async throws {
        let location = try await server.location(length: Self.text.utf8.count)
        #expect(try await server.append(location, at: 0, Self.text).status == 204)
        await server.ingest.settled()
    }

    private func creation(_ server: TusServer, asking: Bool) -> [String: String?] {
        let metadata = "\(server.metadata),sha256 \(base64(Self.sha256))" + (asking ? ",ifKnown \(base64("complete"))" : "")
        return ["Upload-Length": String(Self.text.utf8.count), "Upload-Metadata": metadata]
    }

    @Test("is complete from the beginning for a client of tus that asks for it")
    func asked() async throws {
        try await withTusServer { server in
            try await send(server)
            let length = String(Self.text.utf8.count)
            let created = try await server.create(creation(server, asking: true))
            #expect(created.status == 201 && created["upload-offset"] == length && created["upload-length"] == length)
            let head = try await server.head(try #require(created["location"]))
            #expect(head.status == 200 && head["upload-offset"] == length)
            #expect(try await server.house.photos() == [Self.sha256])
        }
    }

    @Test("comes once more from one that does not, and changes nothing", arguments: [false, true])
    func unasked(withBody: Bool) async throws {
        try await withTusServer { server in
            try await send(server)
            var headers = creation(server, asking: false)
            if withBody { headers["Content-Type"] = TusMachine.contentType }
            let created = try await server.create(headers, body: withBody ? Self.text : "")
            #expect(created.status == 201 && created["upload-offset"] == (withBody ? String(Self.text.utf8.count) : nil))
            let location = try #require(created["location"])
            if !withBody { #expect(try await server.append(location, at: 0, Self.text).status == 204) }
            await server.ingest.settled()
            #expect(try await server.house.photos() == [Self.sha256])
        }
    }

    @Test("comes once more from a client of the drafts that knows nothing of it", arguments: draftVersions)
    func drafts(_ version: Int?) async throws { try await expectOnceMore(from: version) }

    @Test("comes once more from a client of the drafts that says its length beforehand", arguments: [nil, 6, 7, 8, 9] as [Int?])
    func draftsOfLength(_ version: Int?) async throws {
        try await expectOnceMore(from: version, saying: ["Upload-Length: \(Self.text.utf8.count)"])
    }

    /// Creates and sends the same file twice, with its digest.
    private func expectOnceMore(from version: Int?, saying lines: [String] = []) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: version, port: port)
            let bytes = Array(Self.text.utf8)
            let digest = "Repr-Digest: sha-256=:\(base64Bytes(Array(SHA256.hash(data: bytes)))):"
            for _ in 0..<2 {
                let (created, _) = try await client.begin(
                    "POST", "/api/uploads?session=\(house.session)", [digest, client.isLast(false)] + lines
                ).final()
                #expect(created.status == 201 && client.saysComplete(created) == false)
                let last = try await client.append(try uploadPath(created["location"]), at: 0, isLast: true, bytes[...])
                #expect(last.status == 201 && client.saysComplete(last) == true)
                await ingest.settled()
            }
            #expect(try await house.photos() == [Self.sha256])
        }
    }

    @Test("comes once more in one request that does not wait to be asked, however large", arguments: ["", "Upload-Complete: ?1"])
    func large(_ line: String) async throws {
        try await withIngestServer { house, ingest, port in
            let client = DraftClient(version: nil, port: port)
            let bytes = quickBytes(24 << 20, seed: 57)
            let digest = "Repr-Digest: sha-256=:\(base64Bytes(Array(SHA256.hash(data: bytes)))):"
            let path = "/api/sessions/\(house.session)/files/a.jpg"
            for _ in 0..<2 {
                let lines = line.isEmpty ? [digest] : [digest, line]
                let (answer, _) = try await client.begin("PUT", path, lines, bytes[...]).final()
                #expect(answer.status == 201)
                await ingest.settled()
            }
            #expect(try await house.photos() == [hex(bytes)])
        }
    }
}
