import Core
import TestSupport
import Testing

@testable import Ingest

/// A door, and a request to it that is refused.
struct Door: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The request line and what makes it refused; `SESSION` and `UPLOAD` are filled in.
    var lines: [String]
    var status: Int

    static let all = [
        Door(
            testDescription: "tus POST", 
            lines: [
                "POST /api/uploads HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Length: 5000",
                "Content-Type: application/offset+octet-stream",
            ], status: 413),
        Door(
            testDescription: "tus PATCH",
            lines: [
                "PATCH UPLOAD HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: 7", "Content-Type: application/offset+octet-stream",
            ], status: 409),
        Door(
            testDescription: "draft POST",
            lines: ["POST /api/uploads HTTP/1.1", "Upload-Draft-Interop-Version: 6", "Upload-Complete: ?1"], status: 413),
        Door(
            testDescription: "draft PATCH",
            lines: [
                "PATCH UPLOAD HTTP/1.1", "Upload-Draft-Interop-Version: 6", "Upload-Complete: ?0", "Upload-Offset: 7",
                "Content-Type: application/partial-upload",
            ], status: 409),
        Door(testDescription: "whole file", lines: ["PUT /api/sessions/SESSION/files/a.jpg HTTP/1.1"], status: 413),
        Door(
            testDescription: "whole file, resumable",
            lines: ["PUT /api/sessions/SESSION/files/a.jpg HTTP/1.1", "Upload-Complete: ?1"], status: 413),
    ]
}

@Suite("Refused bodies")
struct RefusedBodyTests {
    private static let announced = 60 << 20

    private func request(_ door: Door, _ house: House, _ ingest: Ingest) async throws -> [String] {
        let id = try await ingest.create(house.creation(nil))
        return door.lines.map {
            $0.replacing("SESSION", with: house.session.description).replacing("UPLOAD", with: "/api/uploads/\(id)")
        } + ["Host: x", "Content-Length: \(Self.announced)"]
    }

    @Test("are answered at once, and the connection ends without reading them", arguments: Door.all)
    func notDrained(_ door: Door) async throws {
        try await withIngestServer { $0.maxUploadSize = 50 << 20 } _: { house, ingest, port in
            let client = try await RawUploader.connect(port)
            let head = try await request(door, house, ingest).joined(separator: "\r\n") + "\r\n\r\n"
            try await client.send(bytes: Array(head.utf8) + [UInt8](repeating: 1, count: 1000))
            let answer = try await client.next()
            #expect(answer.status == door.status && answer["connection"] == "close")
            try await client.closed()
        }
    }

    @Test("are not asked for: no 100 Continue before the admission", arguments: Door.all)
    func noContinue(_ door: Door) async throws {
        try await withIngestServer { $0.maxUploadSize = 50 << 20 } _: { house, ingest, port in
            let client = try await RawUploader.connect(port)
            let lines = try await request(door, house, ingest) + ["Expect: 100-continue"]
            try await client.send(bytes: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
            #expect(try await client.next().status == door.status)
            try await client.closed()
        }
    }

    @Test("an admitted body is asked for, after the 104 where there is one", arguments: [nil, 9] as [Int?])
    func continues(_ version: Int?) async throws {
        try await withIngestServer { house, _, port in
            let client = try await RawUploader.connect(port)
            let named = version.map { ["Upload-Draft-Interop-Version: \($0)"] } ?? []
            let lines = ["PUT /api/sessions/\(house.session)/files/a.jpg HTTP/1.1", "Host: x", "Upload-Complete: ?1"] + named
            try await client.send(
                bytes: Array((lines + ["Content-Length: 2", "Expect: 100-continue"]).joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8))
            if version != nil { #expect(try await client.next().status == 104) }
            #expect(try await client.next().status == 100)
            try await client.send(bytes: [1, 2])
            #expect(try await client.next().status == 201)
        }
    }
}
