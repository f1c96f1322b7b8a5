import Core
import Foundation
import NIOCore
import TestSupport
import Testing
import WebServer

@testable import Ingest

@Suite("A client that drips")
struct DrippingTests {
    private static let bytes = randomBytes(200_000, seed: 71)

    private func patch(_ id: String) -> [String] {
        [
            "PATCH /api/uploads/\(id) HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
            "Content-Type: application/offset+octet-stream", "Content-Length: \(Self.bytes.count)", "Host: x",
        ]
    }

    /// Sends a PATCH in pieces with pauses, until all is sent or the server has closed.
    /// - Returns: bytes that were sent, at least.
    private func drip(
        _ id: String, port: Int, piece: Int, atMost count: Int = bytes.count, pause: Duration = .milliseconds(5)
    ) async throws -> (client: RawUploader, sent: Int) {
        let client = try await RawUploader.connect(port)
        try await client.send(bytes: Array((patch(id).joined(separator: "\r\n") + "\r\n\r\n").utf8))
        var sent = 0
        while sent < count {
            do { try await client.send(bytes: Self.bytes[sent..<min(count, sent + piece)]) } catch { break }
            sent = min(count, sent + piece)
            try await Task.sleep(for: pause)
        }
        return (client, sent)
    }

    private func expectPrefix(_ id: String, _ house: House, _ ingest: Ingest, upTo sent: Int) async throws {
        let upload = try #require(UploadID(id))
        let offset = Int(try await ingest.service.status(upload).offset)
        #expect(offset > 0 && offset <= sent)
        let kept = try #require(FileManager.default.contents(atPath: house.path(of: upload)))
        #expect(Array(kept) == Array(Self.bytes[..<offset]))
        _ = try await ingest.patch(upload, at: Int64(offset), body([Array(Self.bytes[offset...])]))
        await ingest.settled()
        #expect(try await house.photos() == [hex(Self.bytes)])
    }

    @Test("is cut off although it never falls silent; what it has sent stays, and the rest can follow")
    func slow() async throws {
        try await withIngestServer(server: {
            $0.limits.minimumBodyRate = 50_000
            $0.limits.bodyRateWindow = .milliseconds(500)
        }) { house, ingest, port in
            let id = try await ingest.create(house.creation(Int64(Self.bytes.count))).description
            let (client, sent) = try await drip(id, port: port, piece: 1)
            #expect(sent < Self.bytes.count)
            try await client.closed()
            try await expectPrefix(id, house, ingest, upTo: sent)
        }
    }

    @Test("is cut off when it falls silent; what it has sent stays, and the rest can follow")
    func silent() async throws {
        try await withIngestServer(server: { $0.limits.bodyInactivity = .milliseconds(300) }) { house, ingest, port in
            let id = try await ingest.create(house.creation(Int64(Self.bytes.count))).description
            let (client, sent) = try await drip(id, port: port, piece: 7, atMost: 7)
            try await client.closed()
            try await expectPrefix(id, house, ingest, upTo: sent)
        }
    }

    @Test("but keeps to the rate is let go on for as long as it takes")
    func steady() async throws {
        try await withIngestServer(server: {
            $0.limits.minimumBodyRate = 1000
            $0.limits.bodyRateWindow = .milliseconds(100)
        }) { house, ingest, port in
            let id = try await ingest.create(house.creation(Int64(Self.bytes.count))).description
            let (client, sent) = try await drip(id, port: port, piece: 1000)
            #expect(sent == Self.bytes.count)
            #expect(try await client.next().status == 204)
        }
    }

    @Test("leaves nothing of a file that was to come in one request")
    func wholeFile() async throws {
        try await withIngestServer(server: { $0.limits.bodyInactivity = .milliseconds(300) }) { house, ingest, port in
            let client = try await RawUploader.connect(port)
            try await client.send(
                "PUT /api/sessions/\(house.session)/files/a.jpg HTTP/1.1", "Content-Length: 100", body: Array("seven..".utf8))
            try await client.closed()
            let ended: UploadState = try await eventually("the upload to end") {
                let state: UploadState? = try await house.database.read { tx in
                    try tx.first("SELECT state FROM uploads").map { try $0.get("state") }
                }
                return state == .receiving ? nil : state
            }
            #expect(ended == .terminated)
        }
    }
}
