import Core
import Foundation
import TestSupport
import Testing
import WebServer

@testable import Ingest

@Suite("curl -T", .enabled(if: Tool.program("curl") != nil, "curl is not installed"))
struct CurlTests {
    /// What curl says of a transfer.
    private struct Said {
        var status: Int
        /// Bytes of the body that it got rid of.
        var sent: Int
        /// What went over the connection, as `-v` shows it.
        var log: String
        var exit: Int32
    }

    private func curl(_ arguments: [String], _ url: String, token: String = "somebody", input: String? = nil) async throws -> Said {
        let output = try await Tool("curl").run(
            ["-sv", "--max-time", "60", "-w", "\n%{http_code} %{size_upload}", "-H", "Authorization: Bearer \(token)"] + arguments
                + [url], input: input)
        let numbers = (output.lines.last ?? "").split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { throw Tool.Failure(description: output.err) }
        return Said(status: numbers[0], sent: numbers[1], log: output.err, exit: output.status)
    }

    private func url(_ server: TusServer, _ name: String) -> String { "\(server.base)/api/sessions/\(server.house.session)/files/\(name)" }

    /// A file of zeros that takes no room.
    private func sparse(_ count: UInt64, _ folder: TemporaryFolder) throws -> String {
        let path = folder.file("large.mov")
        FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: count)
        try file.close()
        return path
    }

    private func filenames(_ server: TusServer) async throws -> [String] {
        try await server.house.database.read { try $0.query("SELECT filename FROM uploads ORDER BY id").map { try $0.get("filename") } }
    }

    @Test("waits for 100 Continue and sends a file whose name is percent-encoded")
    func expect() async throws {
        try await withTusServer { server in
            let folder = try TemporaryFolder("curl")
            let bytes = randomBytes(100_000, seed: 91)
            try Data(bytes).write(to: URL(fileURLWithPath: folder.file("a.jpg")))
            let said = try await curl(
                ["-T", folder.file("a.jpg"), "-H", "Expect: 100-continue"], url(server, "F%C3%AAte%20%26%20caf%C3%A9%20%231%2525.jpg"))
            #expect(said.status == 201 && said.sent == bytes.count && said.exit == 0)
            #expect(said.log.contains("< HTTP/1.1 100 Continue"))
            #expect(try await filenames(server) == ["Fête & café #1%25.jpg"])
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(bytes)])
        }
    }

    @Test("sends what comes from a pipe, in chunks", arguments: [[], ["-H", "Expect: 100-continue"]])
    func chunked(more: [String]) async throws {
        try await withTusServer { server in
            let text = String(repeating: "not a photo, but nobody looks here\n", count: 10_000)
            let said = try await curl(["-T", "-"] + more, url(server, "piped.jpg"), input: text)
            #expect(said.status == 201 && said.exit == 0)
            #expect(said.log.lowercased().contains("> transfer-encoding: chunked"))
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(Array(text.utf8))])
        }
    }

    @Test("cannot leave its folder by a name", arguments: [("%2e%2e%2f%2e%2e%2fx.jpg", "x.jpg"), ("a%00%0ab.jpg", "ab.jpg"), ("%E2%80%AEgpj.a", "gpj.a")])
    func hostile(name: String, kept: String) async throws {
        try await withTusServer { server in
            let said = try await curl(["--path-as-is", "-T", "-"], url(server, name), input: "x")
            if said.status == 201 { #expect(try await filenames(server) == [kept]) } else { #expect((400..<500).contains(said.status)) }
        }
    }

    @Test(
        "is refused before it sends: by who asks, by the file's size, by the disk",
        arguments: [(401, "nobody"), (413, "somebody"), (507, "somebody")])
    func refused(status: Int, token: String) async throws {
        try await withIngestServer({
            if status == 413 { $0.maxUploadSize = 1 << 20 }
            if status == 507 { $0.freeSpaceReserve = 1 << 60 }
        }) { house, ingest, port in
            let server = TusServer(port: port, house: house, ingest: ingest)
            let folder = try TemporaryFolder("curl")
            let path = try sparse(256 << 20, folder)
            let asked = try await curl(["-T", path, "-H", "Expect: 100-continue"], url(server, "large.mov"), token: token)
            #expect(asked.status == status && asked.sent == 0)
            #expect(!asked.log.contains("100 Continue"))
            // What the connection's buffers take is gone, but nobody reads on.
            let unasked = try await curl(["-T", path, "-H", "Expect:"], url(server, "large.mov"), token: token)
            #expect(unasked.status == status && unasked.sent < 64 << 20)
            #expect(try await house.database.read { try !$0.exists("SELECT id FROM uploads WHERE state = 'receiving'") })
        }
    }

    @Test("is spared a file that the session has already")
    func known() async throws {
        try await withTusServer { server in
            let folder = try TemporaryFolder("curl")
            let bytes = randomBytes(300_000, seed: 92)
            try Data(bytes).write(to: URL(fileURLWithPath: folder.file("a.jpg")))
            let digest = "Repr-Digest: sha-256=:\(Data(digest(bytes)).base64EncodedString()):"
            let first = try await curl(["-T", folder.file("a.jpg"), "-H", digest], url(server, "a.jpg"))
            #expect(first.status == 201)
            await server.ingest.settled()
            let asked = try await curl(["-T", folder.file("a.jpg"), "-H", digest, "-H", "Expect: 100-continue"], url(server, "b.jpg"))
            #expect(asked.status == 201 && asked.sent == 0 && asked.exit == 0)
            let unasked = try await curl(["-T", folder.file("a.jpg"), "-H", digest, "-H", "Expect:"], url(server, "c.jpg"))
            #expect(unasked.status == 201 && unasked.exit == 0)
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(bytes)])
        }
    }

    private func digest(_ bytes: [UInt8]) -> [UInt8] {
        let text = Array(hex(bytes))
        return stride(from: 0, to: text.count, by: 2).compactMap { UInt8(String(text[$0...$0 + 1]), radix: 16) }
    }
}
