import ArgumentParser
import Core
import Crypto
import Foundation
import NIOCore
import ObjectStore

/// Sends a file to S3 as a server does.
struct UploadCommand: AsyncParsableCommand {
    /// Ways to send it.
    enum Way: String, CaseIterable, ExpressibleByArgument {
        /// A local file in one request, as all but large ones are sent.
        case whole
        /// The same when its hash is known.
        case known
        /// A local file, which is large and so goes in parts.
        case put
        /// In chunks as they come from a client, as uploads do.
        case partial
    }

    static let configuration = CommandConfiguration(
        commandName: "upload", abstract: "Send a file to the bucket and remove it again; prints the seconds it took.")

    @Argument var way: Way
    @Argument(help: "The file.") var file: String
    @Option(name: .long, help: "The scratch folder.") var scratch: String
    @Option(name: .long, help: "What guards bodies.") var payload = S3Configuration.Payload.auto

    /// Bytes that come at a time.
    private static let chunk = 64 << 10

    func run() async throws {
        var configuration = S3Configuration(
            endpoint: try Environment.require("S3_ENDPOINT"), bucket: try Environment.require("S3_BUCKET"),
            accessKey: try Environment.require("S3_ACCESS_KEY"), secretKey: Secret(try Environment.require("S3_SECRET_KEY")),
            scratchFolder: scratch)
        configuration.region = try Environment.require("S3_REGION")
        configuration.payload = payload
        if way == .whole || way == .known { configuration.singlePutLimit = 5 << 30 }
        let store = try S3ObjectStore(configuration)
        let key = ObjectKey.original(OriginalID(at: SystemWallClock().now()))
        let hash = way == .known ? try sha256() : nil
        let time =
            switch way {
            case .whole, .known, .put:
                try await ContinuousClock().measure { try await store.put(file, as: key, durable: true, sha256: hash) }
            case .partial: try await partial(key, to: store)
            }
        let size = try await store.size(of: key)
        try await store.remove(key)
        try await store.shutdown()
        guard size == Int64(try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped).count) else {
            throw ValidationError("The object is not as long as the file.")
        }
        print(time / .seconds(1))
    }

    private func sha256() throws -> String {
        let digest = SHA256.hash(data: try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped))
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// From memory, as from a connection.
    private func partial(_ key: ObjectKey, to store: S3ObjectStore) async throws -> Duration {
        var bytes = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: file)))
        return try await ContinuousClock().measure {
            var writer = try await store.writer(
                of: store.partialUpload(key, length: Int64(bytes.readableBytes)), checkpoints: true, record: { _ in })
            while let chunk = bytes.readSlice(length: min(Self.chunk, bytes.readableBytes)), chunk.readableBytes > 0 {
                try await writer.append(chunk)
            }
            _ = try await store.complete(try await writer.finish())
        }
    }
}

extension S3Configuration.Payload: ExpressibleByArgument {}
