import Core
import Foundation
import TestSupport
import WebServer

@testable import Ingest

/// The doors of one `Ingest` behind a real server on a free port.
struct TusServer: Sendable {
    let port: Int
    let house: House
    let ingest: Ingest

    var base: String { "http://127.0.0.1:\(port)" }
    var collection: String { base + "/api/uploads" }

    /// What a client says about where a file goes.
    var metadata: String { "session \(base64(house.session.description)),filename \(base64("a.jpg"))" }

    /// One request on a connection of its own.
    /// - Parameter headers: `Tus-Resumable` and `Content-Length` are added where they are missing; `nil` leaves one out.
    func ask(
        _ method: String, _ target: String, _ headers: [String: String?] = [:], body: String = "", trailers: String? = nil
    ) async throws -> RawAnswer {
        let path = target.hasPrefix(base) ? String(target.dropFirst(base.count)) : target
        var fields: [String: String?] = ["Host": "127.0.0.1:\(port)", "Connection": "close", "Tus-Resumable": "1.0.0"]
        if trailers == nil { fields["Content-Length"] = String(body.utf8.count) } else { fields["Transfer-Encoding"] = "chunked" }
        fields.merge(headers) { _, new in new }
        let lines = fields.compactMap { name, value in value.map { "\(name): \($0)\r\n" } }.joined()
        let content = trailers.map { (body.isEmpty ? "" : "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n") + "0\r\n\($0)\r\n" }
        let override = headers["X-HTTP-Method-Override"] ?? nil
        return try await send(
            "\(method) \(path) HTTP/1.1\r\n\(lines)\r\n\(content ?? body)", toHead: method == "HEAD" || override == "HEAD")
    }

    /// Sends exactly that on a connection of its own.
    /// - Returns: the first message.
    func send(_ text: String, toHead: Bool = false) async throws -> RawAnswer {
        let client = try await RawUploader.connect(port)
        try await client.send(bytes: Array(text.utf8))
        let answer = try await client.next(toHead: toHead)
        // The server may have been faster.
        try? await client.close()
        return answer
    }

    /// Sends exactly that and goes away.
    func cut(_ text: String) async throws {
        let client = try await RawUploader.connect(port)
        try await client.send(bytes: Array(text.utf8))
        try await client.close()
    }

    /// Creates an upload.
    func create(_ headers: [String: String?] = [:], body: String = "") async throws -> RawAnswer {
        try await ask("POST", "/api/uploads", ["Upload-Metadata": metadata].merging(headers) { _, new in new }, body: body)
    }

    /// Creates an upload of that length and says where it is.
    func location(length: Int, _ headers: [String: String?] = [:]) async throws -> String {
        let answer = try await create(["Upload-Length": String(length)].merging(headers) { _, new in new })
        guard answer.status == 201, let location = answer["location"] else {
            throw Tool.Failure(description: "the creation was answered \(answer.head)")
        }
        return location
    }

    func append(
        _ url: String, at offset: Int, _ body: String, _ headers: [String: String?] = [:], trailers: String? = nil
    ) async throws -> RawAnswer {
        let own: [String: String?] = ["Upload-Offset": String(offset), "Content-Type": TusMachine.contentType]
        return try await ask("PATCH", url, own.merging(headers) { _, new in new }, body: body, trailers: trailers)
    }

    func head(_ url: String) async throws -> RawAnswer { try await ask("HEAD", url) }
}

/// Runs a body with the doors of one process on a fresh data folder.
func withTusServer(
    _ configure: @escaping (inout WebServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (TusServer) async throws -> Void
) async throws {
    try await withIngestServer({ _ in }, server: configure) { house, ingest, port in
        try await body(TusServer(port: port, house: house, ingest: ingest))
    }
}
