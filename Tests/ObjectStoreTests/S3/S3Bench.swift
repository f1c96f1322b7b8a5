import Core
import Crypto
import Foundation
import NIOCore
import TestSupport

@testable import ObjectStore

/// The servers, each started once.
enum S3Servers {
    static let moto = Once<any LocalS3> { try await LocalMoto() }
    static let swift = Once<any LocalS3> { try await LocalSwiftS3() }
    /// The one that verifies signatures if it is installed.
    static let any = Once<any LocalS3> { try await LocalSwiftS3.isAvailable ? swift.value : moto.value }
}

/// What a test of the S3 driver needs.
struct S3Bench: Sendable {
    let server: any LocalS3
    let folder: TemporaryFolder

    init(_ server: any LocalS3) throws {
        self.server = server
        folder = try TemporaryFolder("s3")
    }

    var configuration: S3Configuration {
        var configuration = S3Configuration(
            endpoint: server.endpoint, bucket: server.bucket, accessKey: server.accessKey,
            secretKey: Secret(server.secretKey), scratchFolder: folder.file("scratch"))
        configuration.partSize = 5 << 20
        configuration.singlePutLimit = 6 << 20
        return configuration
    }

    /// Runs a body with a store, and shuts that down.
    @discardableResult
    func withStore<Value>(
        ports: S3Ports = S3Ports(), _ change: (inout S3Configuration) -> Void = { _ in },
        _ body: (S3ObjectStore) async throws -> Value
    ) async throws -> Value {
        var configuration = configuration
        change(&configuration)
        let store = try S3ObjectStore(configuration, ports: ports)
        do {
            let value = try await body(store)
            try await store.shutdown()
            return value
        } catch {
            try? await store.shutdown()
            throw error
        }
    }

    /// A key that no other test uses.
    static func key(_ name: String = "object") -> ObjectKey {
        ObjectKey("tests/\(UUID().uuidString.lowercased())/\(name)")!
    }

    /// A new file with these bytes.
    func file(_ bytes: Data) throws -> String { try ObjectStoreContract.file(bytes, in: URL(fileURLWithPath: folder.path)) }

    /// Bytes without a short period, the same for the same seed.
    static func bytes(_ count: Int, seed: UInt64 = 1) -> Data {
        var state = seed
        var words: [UInt64] = []
        words.reserveCapacity(count / 8 + 1)
        for _ in 0..<(count / 8 + 1) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            words.append(state ^ (state >> 29))
        }
        return words.withUnsafeBytes { Data($0.prefix(count)) }
    }
}

extension StreamingObjectStore {
    func bytes(of key: ObjectKey, range: Range<Int64>? = nil) async throws -> Data {
        var data = Data()
        for try await chunk in try await read(key, range: range) { data.append(contentsOf: chunk.readableBytesView) }
        return data
    }

    func put(_ bytes: Data, as key: ObjectKey, _ bench: S3Bench) async throws {
        try await adopt(try bench.file(bytes), as: key, durable: true)
    }
}

/// A wall clock that is wrong by so much.
struct WrongClock: WallClock {
    let offset: Duration
    func now() -> Timestamp { SystemWallClock().now() + offset }
}
