import AsyncHTTPClient
import Core
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// Plays a photographer: sends the demo photos and a video, one a second, through the public tus endpoint.
struct DemoFeed: Sendable {
    let folder: String
    let url: String
    let welcome: Welcome?
    let logger: Logger

    /// Bytes a request carries, as a tether script on a phone connection would send.
    private static let chunk = 512 * 1024

    func run() async {
        guard let welcome else { return logger.warning("the demo needs the account of the first start") }
        do {
            for file in try files() {
                try await send(file, welcome)
                try await Task.sleep(for: .seconds(1))
            }
        } catch {
            logger.warning("the demo stopped", metadata: ["error": "\(error)"])
        }
    }

    private func files() throws -> [URL] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("demo-") }
        return names.sorted().map { URL(fileURLWithPath: folder).appendingPathComponent($0) }
    }

    private func send(_ file: URL, _ welcome: Welcome) async throws {
        let bytes = try Data(contentsOf: file)
        var create = request(.POST, url + "/api/uploads", welcome)
        create.headers.add(name: "Upload-Length", value: String(bytes.count))
        create.headers.add(name: "Upload-Metadata", value: metadata(file, welcome))
        let created = try await HTTPClient.shared.execute(create, timeout: .seconds(30))
        guard created.status == .created, let location = created.headers.first(name: "Location") else {
            throw Problem.badRequest("demo_refused", "The upload of \(file.lastPathComponent) was refused: \(created.status).")
        }
        for start in stride(from: 0, to: bytes.count, by: Self.chunk) {
            try await append(bytes[start..<min(start + Self.chunk, bytes.count)], at: start, to: location, welcome)
        }
    }

    private func append(_ bytes: Data, at offset: Int, to location: String, _ welcome: Welcome) async throws {
        var patch = request(.PATCH, location, welcome)
        patch.headers.add(name: "Upload-Offset", value: String(offset))
        patch.headers.add(name: "Content-Type", value: "application/offset+octet-stream")
        patch.body = .bytes(ByteBuffer(bytes: bytes))
        let answer = try await HTTPClient.shared.execute(patch, timeout: .seconds(60))
        guard answer.status == .noContent else {
            throw Problem.badRequest("demo_refused", "A chunk was refused: \(answer.status).")
        }
    }

    private func request(_ method: HTTPMethod, _ url: String, _ welcome: Welcome) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(welcome.apiKey)")
        request.headers.add(name: "Tus-Resumable", value: "1.0.0")
        return request
    }

    private func metadata(_ file: URL, _ welcome: Welcome) -> String {
        let type = file.pathExtension == "mp4" ? "video/mp4" : "image/jpeg"
        let pairs = [
            ("session", welcome.sessionID.description), ("filename", file.lastPathComponent), ("filetype", type),
        ]
        return pairs.map { "\($0.0) \(Data($0.1.utf8).base64EncodedString())" }.joined(separator: ",")
    }
}
