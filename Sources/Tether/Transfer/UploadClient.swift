import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks a server in the words of tus 1.0.0, over connections that are kept.
struct UploadClient: Sendable {
    private let server: ServerAddress
    private let key: Secret
    private let http: HTTPClient

    /// How long a connection may stand still.
    private static let patience: Duration = .seconds(45)
    /// How long the server may take once everything was handed to the system, which may hold some megabytes of it.
    private static let answerPatience: Duration = .seconds(120)
    /// Bytes read of an answer.
    private static let answerLimit = 64 << 10

    init(server: ServerAddress, key: Secret) {
        self.server = server
        self.key = key
        var configuration = HTTPClient.Configuration()
        // A sign-in page must not be taken for the server, nor the key go where it points.
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(10)
        configuration.decompression = .disabled
        http = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }

    func shutdown() async { try? await http.shutdown() }

    /// Creates an upload.
    func create(length: Int64, metadata: String) async throws -> TusHeard {
        try await ask(.POST, server.uploads, [("Upload-Length", String(length)), ("Upload-Metadata", metadata)])
    }

    /// Asks how far an upload is.
    func ask(_ url: String) async throws -> TusHeard { try await ask(.HEAD, url, []) }

    /// Asks what the server has made of an upload.
    func confirm(_ url: String) async throws -> TusHeard { try await ask(.GET, url, [("Accept", "application/json")]) }

    /// Ends an upload that nobody will go on with.
    /// - Returns: whether the server has answered; what it says does not matter, for the upload expires by itself.
    func end(_ url: String) async -> Bool {
        guard case .reply(let reply)? = try? await ask(.DELETE, url, []) else { return false }
        return reply.isOurs && reply.status < 500 && reply.status != 429
    }

    /// Sends a part of a file.
    func send(_ body: FileBody, to url: String) async throws -> TusHeard {
        var request = request(.PATCH, url)
        request.headers.add(name: "Upload-Offset", value: String(body.offset))
        request.headers.add(name: "Content-Type", value: "application/offset+octet-stream")
        request.body = .stream(body, length: .known(body.count))
        return try await execute(request, watching: body.gauge)
    }

    private func ask(_ method: HTTPMethod, _ url: String, _ headers: [(String, String)]) async throws -> TusHeard {
        var request = request(method, url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await execute(request, watching: TransferGauge())
    }

    private func request(_ method: HTTPMethod, _ url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(key.reveal)")
        request.headers.add(name: "Tus-Resumable", value: "1.0.0")
        request.headers.add(name: "User-Agent", value: "lumiere-tether")
        return request
    }

    // MARK: Answers

    /// - Throws: `CancellationError`, `FileBody.Shrunk` or `OpenedFile.Failure` alone; all else is silence.
    private func execute(_ request: HTTPClientRequest, watching gauge: TransferGauge) async throws -> TusHeard {
        do {
            return .reply(try await unlessStill(gauge) { try await reply(to: request) })
        } catch let error where error is FileBody.Shrunk || error is OpenedFile.Failure {
            throw error
        } catch {
            try Task.checkCancellation()
            return .silence(Self.reason(error))
        }
    }

    private struct Stalled: Error {}

    private func unlessStill(
        _ gauge: TransferGauge, _ work: @escaping @Sendable () async throws -> TusReply
    ) async throws -> TusReply {
        try await withThrowingTaskGroup(of: TusReply.self) { group in
            group.addTask(operation: work)
            group.addTask {
                while !gauge.isStill(for: gauge.reading.phase == .confirming ? Self.answerPatience : Self.patience) {
                    try await Task.sleep(for: .seconds(1))
                }
                throw Stalled()
            }
            defer { group.cancelAll() }
            guard let reply = try await group.next() else { throw CancellationError() }
            return reply
        }
    }

    private func reply(to request: HTTPClientRequest) async throws -> TusReply {
        // The gauge sees a connection that stands still; there is no other limit to how long a film takes.
        let response = try await http.execute(request, deadline: .distantFuture)
        let headers = response.headers
        let isProblem = headers.first(name: "Content-Type")?.hasPrefix("application/problem+json") ?? false
        let json: JSONValue? = try? JSON.decode(from: try await Self.text(of: response))
        let upload = response.status == .ok ? TusReply.Upload(json) : nil
        return TusReply(
            status: Int(response.status.code), isOurs: isProblem || upload != nil || headers.contains(name: "Tus-Resumable"),
            location: headers.first(name: "Location").flatMap(server.upload),
            offset: headers.first(name: "Upload-Offset").flatMap(Self.count),
            retryAfter: headers.first(name: "Retry-After").flatMap { RetryAfter.parse($0, at: SystemWallClock().now()) },
            detail: isProblem ? json?["detail"]?.stringValue.map { String($0.prefix(500)) } : nil, upload: upload)
    }

    /// What an answer says; a successful one has nothing to read but must be read to its end.
    private static func text(of response: HTTPClientResponse) async throws -> String {
        var text = ByteBuffer()
        for try await piece in response.body {
            text.writeImmutableBuffer(piece)
            if text.readableBytes > answerLimit { break }
        }
        return String(buffer: text)
    }

    private static func count(_ text: String) -> Int64? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int64(text) : nil
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case is Stalled: "The connection stood still."
        case let error as HTTPClientError where error == .connectTimeout: "The server cannot be reached in time."
        case let error as HTTPClientError: "The connection failed (\(error.shortDescription))."
        case is NIOConnectionError: "The server cannot be reached."
        default: "The connection failed."
        }
    }
}
