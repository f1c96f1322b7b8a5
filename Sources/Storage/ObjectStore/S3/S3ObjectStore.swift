import Core
import Foundation
import Glibc
import NIOCore
import NIOHTTP1

/// Objects in an S3 bucket, whoever serves it.
///
/// An object appears under its key whole or not at all. Whatever is repeatable is repeated by `S3Configuration.retry`
/// when the server is out of reach or asks for patience; after that calls throw `ObjectStoreError.unavailable`.
public final class S3ObjectStore: StreamingObjectStore {
    let configuration: S3Configuration
    let client: S3Client
    let threads: FileThreads
    let scratch: ScratchFolder
    private let publicAddress: S3Address
    private let copies: LocalCopies

    /// Makes the scratch folder and clears away what ended processes left in it; blocks. Does not speak to the server:
    /// see `check`. Call `shutdown` before letting go of it.
    /// - Parameter clock: the time of day, which signatures carry.
    /// - Throws: `S3Configuration.Invalid`, or when the scratch folder cannot be made.
    public convenience init(_ configuration: S3Configuration, clock: any WallClock = SystemWallClock()) throws {
        try self.init(configuration, ports: S3Ports(clock: clock))
    }

    init(_ configuration: S3Configuration, ports: S3Ports) throws {
        try configuration.validate()
        self.configuration = configuration
        let threads = FileThreads(4)
        self.threads = threads
        publicAddress = try S3Address(
            configuration.publicEndpoint ?? configuration.endpoint, bucket: configuration.bucket, style: configuration.style)
        let budget = ScratchBudget(limit: configuration.scratchBytes, patience: configuration.scratchPatience)
        let scratch = try ScratchFolder(configuration.scratchFolder, budget: budget, threads: threads)
        let client = try S3Client(configuration, threads: threads, ports: ports)
        self.scratch = scratch
        self.client = client
        copies = LocalCopies { try await S3Download(client: client, scratch: scratch).fetch($0) }
    }

    /// Closes the connections; later calls fail with `ECANCELED`.
    public func shutdown() async throws {
        try await client.shutdown()
        try await threads.shutdown()
    }

    /// The folder, absolute, below which `withLocalFile` puts its copies.
    public var scratchFolder: String { scratch.path }

    /// Sends the file and removes it. S3 has no lesser durability.
    ///
    /// May be repeated after a crash: when the local file is gone and the object is there, an earlier call had sent it.
    /// - Throws: `ObjectStoreError.system(ENOENT, ...)` when there is neither the local file nor the object.
    public func adopt(_ localPath: String, as key: ObjectKey, durable: Bool) async throws {
        guard try await threads.run({ try FileSystem.size(localPath) }) != nil else {
            if try await size(of: key) == nil { throw ObjectStoreError.system(ENOENT, "adopt") }
            return
        }
        try await put(localPath, as: key, durable: durable)
        try await threads.run { _ = try FileSystem.removeFile(localPath) }
    }

    public func size(of key: ObjectKey) async throws -> Int64? {
        do {
            let answer = try await client.answer(S3Request(method: .HEAD, key: key.text))
            guard let size = answer.headers.first(name: "content-length").flatMap({ Int64($0) }) else {
                throw ObjectStoreError.system(EPROTO, "HEAD \(key): no length")
            }
            return size
        } catch let failure as S3Failure {
            if case .missing = failure.error(for: key) { return nil }
            throw failure.error(for: key)
        }
    }

    public func remove(_ key: ObjectKey) async throws {
        do {
            _ = try await client.answer(S3Request(method: .DELETE, key: key.text))
        } catch let failure as S3Failure {
            if case .missing = failure.error(for: key) { return }
            throw failure.error(for: key)
        }
    }

    /// Gives a copy in the scratch folder; calls for one key at a time share it.
    /// - Throws: `ObjectStoreError.missing`; `.system(EFBIG, ...)` when it is larger than the scratch folder may be;
    ///   `.unavailable` when there was no room in time.
    public func withLocalFile<Value: Sendable>(
        _ key: ObjectKey, _ body: @Sendable (_ path: String) async throws -> Value
    ) async throws -> Value {
        try await copies.withCopy(of: key, body)
    }

    public func localPath(of key: ObjectKey) -> String? { nil }

    public func address(of key: ObjectKey, as link: ObjectLink) throws -> String? {
        var query: [(name: String, value: String)] = []
        if let disposition = link.contentDisposition { query.append(("response-content-disposition", disposition)) }
        if let type = link.contentType { query.append(("response-content-type", type)) }
        let lifetime = max(1, min(link.lifetime.components.seconds, 604_800))
        return client.presigned(key.text, at: publicAddress, query: query, lifetime: lifetime)
    }
}

extension S3ObjectStore {
    /// Makes a request about an object.
    /// - Throws: `ObjectStoreError`.
    func answer(_ request: S3Request, about key: ObjectKey? = nil) async throws -> S3Answer {
        do {
            return try await client.answer(request)
        } catch let failure as S3Failure {
            throw failure.error(for: key)
        }
    }

    /// The same for answers in XML.
    /// - Parameter root: the name its root element has to have.
    func document(_ request: S3Request, _ root: String, about key: ObjectKey? = nil) async throws -> XMLElement {
        do {
            return try await client.document(request, root)
        } catch let failure as S3Failure {
            throw failure.error(for: key)
        }
    }
}
