import Core
import Foundation
import NIOConcurrencyHelpers
import ObjectStore
import TestSupport

/// The stores that everything has to work on.
enum TestStores {
    static let moto = Once { try await LocalMoto() }

    static func withDisk(_ body: (any StreamingObjectStore) async throws -> Void) async throws {
        let folder = try TemporaryFolder("objects")
        let store = try DiskObjectStore(root: folder.path)
        try await closing({ try await store.shutdown() }) { try await body(store) }
    }

    /// - Parameter endpoint: another way to the same server.
    static func withS3(
        endpoint: String? = nil, _ change: (inout S3Configuration) -> Void = { _ in },
        _ body: (any StreamingObjectStore) async throws -> Void
    ) async throws {
        let server = try await moto.value
        try await withS3(
            endpoint ?? server.endpoint, server.bucket, server.accessKey, server.secretKey, change, body)
    }

    /// A store at an address where nobody listens.
    static func withNobody(_ body: (any StreamingObjectStore) async throws -> Void) async throws {
        try await withS3("http://127.0.0.1:1", "nowhere", "key", "secret", { $0.retry.attempts = 1 }, body)
    }

    private static func withS3(
        _ endpoint: String, _ bucket: String, _ accessKey: String, _ secretKey: String,
        _ change: (inout S3Configuration) -> Void, _ body: (any StreamingObjectStore) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder("s3")
        var configuration = S3Configuration(
            endpoint: endpoint, bucket: bucket, accessKey: accessKey, secretKey: Secret(secretKey),
            scratchFolder: folder.file("scratch"))
        change(&configuration)
        let store = try S3ObjectStore(configuration)
        try await closing({ try await store.shutdown() }) { try await body(store) }
    }

    private static func closing(_ close: () async throws -> Void, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            try? await close()
            throw error
        }
        try await close()
    }
}

/// A store that counts how often objects are opened, and can keep those who do waiting.
final class CountingStore: StreamingObjectStore {
    private let base: any StreamingObjectStore
    private let count = NIOLockedValueBox(0)
    private let gate: Inbox<Void>

    private let isElsewhere: Bool

    /// - Parameters:
    ///   - gate: nothing is read before it is closed.
    ///   - isElsewhere: whether it has no local files, whatever the other has.
    init(_ base: any StreamingObjectStore, gate: Inbox<Void>, isElsewhere: Bool = false) {
        self.base = base
        self.gate = gate
        self.isElsewhere = isElsewhere
    }

    var reads: Int { count.withLockedValue { $0 } }

    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBytes {
        count.withLockedValue { $0 += 1 }
        try await gate.wait(for: "the gate") { _, isClosed in isClosed ? () : nil }
        return try await base.read(key, range: range)
    }

    func put(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await base.put(localPath, as: key, durable: durable)
    }
    func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        try await base.page(prefix: prefix, after: cursor, limit: limit)
    }
    func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        try await base.adopt(localPath, as: key, durable: durable)
    }
    func size(of key: ObjectKey) async throws -> Int64? { try await base.size(of: key) }
    func remove(_ key: ObjectKey) async throws { try await base.remove(key) }
    func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (_ path: String) async throws -> Value
    ) async throws -> Value { try await base.withLocalFile(key, body) }
    func localPath(of key: ObjectKey) -> String? { isElsewhere ? nil : base.localPath(of: key) }
}
