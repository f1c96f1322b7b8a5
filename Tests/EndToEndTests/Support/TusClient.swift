import Core
import Foundation
import NIOCore
import NIOHTTP1

/// A tus 1.0.0 client that says exactly which bytes go out when.
struct TusClient: Sendable {
    static let version = ("Tus-Resumable", "1.0.0")
    static let stream = ("Content-Type", "application/offset+octet-stream")

    let api: API

    static func metadata(session: String, filename: String, type: String) -> String {
        [("session", session), ("filename", filename), ("filetype", type)]
            .map { "\($0.0) \(Data($0.1.utf8).base64EncodedString())" }.joined(separator: ",")
    }

    /// The id at the end of an upload's URL; the photo's id too.
    static func id(of location: String) -> String { String(location.split(separator: "/").last ?? "") }

    /// - Returns: the upload's URL.
    func create(session: String, filename: String, type: String = "image/jpeg", length: Int) async throws -> String {
        let answer = try await api.send(
            .POST, "/api/uploads",
            headers: [
                Self.version, ("Upload-Length", String(length)),
                ("Upload-Metadata", Self.metadata(session: session, filename: filename, type: type)),
            ])
        guard answer.status == 201, let location = answer["Location"] else {
            throw API.Unexpected(description: "POST /api/uploads: \(answer.status) \(answer.text)")
        }
        return location
    }

    func patch(_ location: String, from offset: Int, _ bytes: Data) async throws -> Answer {
        let headers = [Self.version, Self.stream, ("Upload-Offset", String(offset))]
        return try await api.send(.PATCH, location, headers: headers, body: bytes)
    }

    func head(_ location: String) async throws -> Answer {
        try await api.send(.HEAD, location, headers: [Self.version])
    }

    /// Bytes the server says it has.
    func offset(of location: String) async throws -> Int {
        let answer = try await head(location)
        guard answer.status == 200, let offset = answer["Upload-Offset"].flatMap(Int.init) else {
            throw API.Unexpected(description: "HEAD \(location): \(answer.status)")
        }
        return offset
    }

    /// Sends the rest of a file in chunks.
    func resume(_ location: String, _ data: Data, chunk: Int = 4 << 20) async throws {
        var offset = try await offset(of: location)
        while offset < data.count {
            let end = min(offset + chunk, data.count)
            let answer = try await patch(location, from: offset, data[offset..<end])
            guard answer.status == 204, let next = answer["Upload-Offset"].flatMap(Int.init) else {
                throw API.Unexpected(description: "PATCH: \(answer.status) \(answer.text)")
            }
            offset = next
        }
    }

    /// Begins a PATCH over a connection of its own and sends only some of the bytes that its head announces.
    /// - Returns: the connection, for the caller to break.
    func beginPatch(
        _ location: String, from offset: Int, announcing length: Int, sending bytes: Data
    ) async throws -> RawConnection {
        guard let url = URL(string: location), let port = url.port else { throw API.Unexpected(description: location) }
        let connection = try await RawConnection.open(port: port)
        try await connection.send(
            """
            PATCH \(url.path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Authorization: Bearer \(api.token ?? "")\r
            Tus-Resumable: 1.0.0\r
            Content-Type: application/offset+octet-stream\r
            Upload-Offset: \(offset)\r
            Content-Length: \(length)\r
            \r

            """)
        try await connection.send(bytes)
        return connection
    }
}
