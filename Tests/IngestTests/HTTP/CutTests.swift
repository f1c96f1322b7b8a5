import Core
import Foundation
import TestSupport
import Testing

@testable import Ingest

/// A request that brings bytes, and is cut off somewhere.
struct CutRequest: Sendable, CustomTestStringConvertible {
    enum Body: Sendable {
        case plain
        case chunked
        case form
    }

    var testDescription: String
    /// Without `Host` and what says how long the body is; `SESSION`, `UPLOAD` and `METADATA` are filled in.
    var lines: [String]
    var body = Body.plain
    /// Whether what has come stays: its client knows where, or has been told.
    var isResumable = false
    /// Whether the upload is made by another request before.
    var needsUpload = false

    /// The files that it brings.
    var files: [String: [UInt8]] {
        switch body {
        case .form: ["a.jpg": randomBytes(3000, seed: 81), "b.jpg": randomBytes(2000, seed: 82)]
        case .plain, .chunked: ["a.jpg": randomBytes(5000, seed: 83)]
        }
    }

    private var content: [UInt8] {
        switch body {
        case .plain: return files["a.jpg"] ?? []
        case .chunked:
            let bytes = files["a.jpg"] ?? []
            var chunks: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: 1000) {
                chunks += Array("3e8\r\n".utf8)
                chunks += bytes[start..<start + 1000] + [13, 10]
            }
            return chunks + Array("0\r\n\r\n".utf8)
        case .form:
            var form: [UInt8] = []
            for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
                form += Array("--b\r\nContent-Disposition: form-data; name=file; filename=\(name)\r\n\r\n".utf8)
                form += bytes + [13, 10]
            }
            return form + Array("--b--\r\n".utf8)
        }
    }

    /// How many of the cuts are in the body: the last ones.
    static let bodyCuts = 7

    /// - Returns: the whole request, and where it may be cut: after each line of its head and at some places of its body.
    func bytes(session: SessionID, upload: UploadID?, seed: UInt64) -> (request: [UInt8], cuts: [Int]) {
        let metadata = "session \(base64(session.description)),filename \(base64("a.jpg"))"
        let content = content
        let framing = body == .chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(content.count)"
        let head = (lines + ["Host: x", framing]).map {
            $0.replacing("SESSION", with: session.description).replacing("METADATA", with: metadata)
                .replacing("UPLOAD", with: upload?.description ?? "")
        }
        var request: [UInt8] = []
        var cuts: [Int] = []
        for line in head + [""] {
            request += Array((line + "\r\n").utf8)
            cuts.append(request.count)
        }
        var random = SeededGenerator(seed)
        cuts += (1..<Self.bodyCuts).map { _ in request.count + Int.random(in: 1..<content.count, using: &random) }
        cuts.append(request.count + content.count - 1)
        return (request + content, cuts)
    }

    static let all = [
        CutRequest(
            testDescription: "tus creation",
            lines: [
                "POST /api/uploads HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Length: 5000", "Upload-Metadata: METADATA",
                "Content-Type: application/offset+octet-stream",
            ]),
        CutRequest(
            testDescription: "tus PATCH",
            lines: [
                "PATCH /api/uploads/UPLOAD HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
                "Content-Type: application/offset+octet-stream",
            ], isResumable: true, needsUpload: true),
        CutRequest(
            testDescription: "tus PATCH, chunked",
            lines: [
                "PATCH /api/uploads/UPLOAD HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
                "Content-Type: application/offset+octet-stream",
            ], body: .chunked, isResumable: true, needsUpload: true),
        CutRequest(
            testDescription: "draft creation",
            lines: [
                "POST /api/uploads?session=SESSION HTTP/1.1", "Upload-Draft-Interop-Version: 6", "Upload-Complete: ?1",
                "Content-Disposition: inline; filename=a.jpg", "Content-Type: image/jpeg",
            ], isResumable: true),
        CutRequest(testDescription: "whole file", lines: ["PUT /api/sessions/SESSION/files/a.jpg HTTP/1.1"]),
        CutRequest(testDescription: "whole file, chunked", lines: ["PUT /api/sessions/SESSION/files/a.jpg HTTP/1.1"], body: .chunked),
        CutRequest(
            testDescription: "form",
            lines: ["POST /api/photos/upload?session=SESSION HTTP/1.1", "Content-Type: multipart/form-data; boundary=b"],
            body: .form),
    ]
}

extension CutRequest.Body: Equatable {}

@Suite("Requests that are cut off")
struct CutTests {
    /// What is recorded of a session's uploads.
    private func uploads(_ house: House, _ session: SessionID) async throws -> [Upload] {
        try await house.database.read { tx in
            try tx.query("SELECT \(sql: UploadStore.columns) FROM uploads WHERE session_id = \(session) ORDER BY id").map(Upload.init)
        }
    }

    private func photos(_ server: TusServer, _ session: SessionID) async throws -> Set<String> {
        await server.ingest.settled()
        return try await server.house.database.read { tx in
            Set(try tx.query("SELECT sha256 FROM test_photos WHERE session = \(session)").map { try $0.get("sha256") })
        }
    }

    private func create(_ server: TusServer, _ session: SessionID) async throws -> UploadID {
        var creation = server.house.creation(5000)
        creation.declaration.target = session.description
        return try await server.ingest.create(creation)
    }

    /// Sends so many bytes of a request and goes away.
    /// - Parameter isTold: waits until the server has said where the upload is.
    private func send(_ bytes: ArraySlice<UInt8>, to server: TusServer, isTold: Bool = false) async throws {
        let client = try await RawUploader.connect(server.port)
        try await client.send(bytes: bytes)
        if isTold { #expect(try await client.next().status == 104) }
        try await client.close()
    }

    /// Asks where an upload stands and sends what is missing. The server may read the request that was cut after these, on
    /// another connection, and then takes it for the newest: so this is done again, as clients do.
    /// - Returns: where it stood; `nil` when there is no such upload (any more), or it takes nothing.
    private func resume(_ upload: Upload, _ content: [UInt8], _ server: TusServer) async throws -> Int? {
        for _ in 1...5 {
            guard let (offset, status) = try await goOn(upload, content, server) else { return nil }
            if ![409, 423].contains(status) { return status == 204 ? offset : nil }
        }
        return nil
    }

    /// Asks once, holds what is kept against the file, and sends the rest.
    private func goOn(
        _ upload: Upload, _ content: [UInt8], _ server: TusServer
    ) async throws -> (offset: Int, status: Int)? {
        let url = "/api/uploads/\(upload.id)"
        let status = try await server.head(url)
        guard status.status == 200 else {
            #expect([404, 410].contains(status.status))
            return nil
        }
        let offset = try #require(status["upload-offset"].flatMap(Int.init))
        #expect(offset <= content.count)
        if offset < content.count, let kept = FileManager.default.contents(atPath: server.house.path(of: upload.id)) {
            #expect(Array(kept.prefix(offset)) == Array(content[..<offset]), "the first \(offset) bytes")
        }
        let client = try await RawUploader.connect(server.port)
        try await client.send(
            "PATCH \(url) HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Offset: \(offset)", "Content-Length: \(content.count - offset)",
            "Content-Type: application/offset+octet-stream", body: content[offset...])
        let answer = try await client.next()
        try await client.close()
        return (offset, Int(answer.status))
    }

    @Test("leave a prefix of what was sent or nothing, and can be made good", arguments: CutRequest.all)
    func cut(_ request: CutRequest) async throws {
        try await withTusServer { server in
            let hashes = Set(request.files.values.map(hex))
            let count = request.bytes(session: server.house.session, upload: nil, seed: 1).cuts.count
            var offsets: Set<Int> = []
            for index in 0..<count {
                let session = SessionID(at: Timestamp(milliseconds: 1_700_000_000_000 + Int64(index)))
                let upload = request.needsUpload ? try await create(server, session) : nil
                let (bytes, cuts) = request.bytes(session: session, upload: upload, seed: 1)
                // Whoever closes may be faster than the server.
                let isDue = request.isResumable && index >= count - CutRequest.bodyCuts
                try await send(bytes[..<cuts[index]], to: server, isTold: isDue && !request.needsUpload)
                let found = try await eventually("what is recorded") {
                    let found = try await uploads(server.house, session)
                    return found.isEmpty && isDue ? nil : found
                }
                for upload in found {
                    let offset = try await resume(upload, request.files[upload.declaration.filename] ?? [], server)
                    if isDue { offsets.insert(try #require(offset, "cut after \(cuts[index]) bytes")) }
                }
                #expect(try await photos(server, session).isSubset(of: hashes))
                if request.needsUpload {
                    #expect(try await photos(server, session) == hashes, "cut after \(cuts[index]) bytes")
                    continue
                }
                let client = try await RawUploader.connect(server.port)
                try await client.send(bytes: bytes)
                #expect(try await client.final().answer.status == 201)
                try await client.close()
                #expect(try await photos(server, session) == hashes)
            }
            // What stays is not always all or nothing.
            if request.isResumable { #expect(offsets.contains { (1..<5000).contains($0) }) }
            #expect(try await server.ask("OPTIONS", "/api/uploads").status == 204)
        }
    }

    @Test(
        "leave nothing but rows of what has ended, once the server has noticed",
        arguments: CutRequest.all.filter { !$0.isResumable })
    func nothingStays(_ request: CutRequest) async throws {
        try await withTusServer { server in
            let session = server.house.session
            let (bytes, cuts) = request.bytes(session: session, upload: nil, seed: 2)
            for cut in cuts where cut < bytes.count - 1 { try await send(bytes[..<cut], to: server) }
            let isQuiet = try await eventually("every upload to have ended") {
                let states = try await uploads(server.house, session).map(\.state)
                return states.contains(.receiving) || states.count < CutRequest.bodyCuts ? nil : true
            }
            #expect(isQuiet)
            await server.ingest.settled()
            let left = try await uploads(server.house, session).filter { $0.state != .completed }
            for upload in left {
                #expect(upload.state == .terminated)
                #expect(!FileManager.default.fileExists(atPath: server.house.path(of: upload.id)))
            }
        }
    }
}
