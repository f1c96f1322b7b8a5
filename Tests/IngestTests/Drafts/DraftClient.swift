import Core
import Foundation
import Testing

@testable import Ingest

/// A client of one interop version, or of none, on raw sockets.
struct DraftClient {
    let version: Int?
    let port: Int

    var versionLine: [String] { version.map { ["Upload-Draft-Interop-Version: \($0)"] } ?? [] }

    func isLast(_ isLast: Bool) -> String {
        version == 3 ? "Upload-Incomplete: \(isLast ? "?0" : "?1")" : "Upload-Complete: \(isLast ? "?1" : "?0")"
    }

    /// Whether an answer says that the upload is complete; `nil` when it says nothing.
    func saysComplete(_ answer: RawAnswer) -> Bool? {
        let field = version == 3 ? "upload-incomplete" : "upload-complete"
        return answer[field].map { ($0 == "?1") != (version == 3) }
    }

    /// Sends a request on a connection of its own; the body may be shorter than what is announced.
    func begin(
        _ method: String, _ path: String, _ lines: [String] = [], announcing count: Int? = nil, _ bytes: ArraySlice<UInt8> = []
    ) async throws -> RawUploader {
        let client = try await RawUploader.connect(port)
        let length = count ?? bytes.count
        let head = (["\(method) \(path) HTTP/1.1", "Host: x"] + versionLine + lines + (method == "HEAD" ? [] : ["Content-Length: \(length)"]))
        try await client.send(bytes: Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
        return client
    }

    func append(_ path: String, at offset: Int, isLast: Bool, _ bytes: ArraySlice<UInt8>) async throws -> RawAnswer {
        let lines = ["Content-Type: application/partial-upload", "Upload-Offset: \(offset)", self.isLast(isLast)]
        return try await begin("PATCH", path, lines, bytes).final().answer
    }

    func head(_ path: String) async throws -> RawAnswer { try await begin("HEAD", path).next(toHead: true) }
}

/// The path of an upload's `Location`.
func uploadPath(_ location: String?) throws -> String {
    let location = try #require(location)
    let start = try #require(location.range(of: "/api/uploads/"))
    return String(location[start.lowerBound...])
}
