import Core
import NIOCore

/// Checks the bytes of one request before any of them counts. Until then the sink behind it records nothing.
struct VerifiedSink: UploadSink {
    private var sink: any UploadSink
    private var hash: PassingHash<RunningChecksum>
    /// Bytes the request announced; `nil` when it did not.
    private let expectedCount: Int64?
    /// What the digest has to be, known at the latest when the body has come to its end.
    private let checksum: @Sendable () async throws -> BodyChecksum

    /// - Parameter algorithms: those that `checksum` can name in the end.
    init(
        _ sink: any UploadSink, algorithms: [ChecksumAlgorithm], on pool: BlockingPool, expecting expectedCount: Int64?,
        _ checksum: @escaping @Sendable () async throws -> BodyChecksum
    ) {
        self.sink = sink
        self.hash = PassingHash((0, Task { RunningChecksum(algorithms) }), pool: pool)
        self.expectedCount = expectedCount
        self.checksum = checksum
    }

    mutating func append(_ chunk: ByteBuffer, now: ContinuousClock.Instant) async throws {
        try await sink.append(chunk, now: now)
        try await hash.append(chunk)
    }

    /// - Throws: `Problem` 400 or 460, when nothing of the body counts.
    mutating func conclude() async throws -> StoredBytes {
        do { try await verify() } catch {
            await sink.discard()
            throw error
        }
        return try await sink.conclude()
    }

    mutating func discard() async { await sink.discard() }

    mutating func letGo() async { await sink.letGo() }

    private mutating func verify() async throws {
        if let expectedCount, hash.count < expectedCount { throw TusMachine.unverifiableBody }
        let checksum = try await checksum()
        let digests = try await hash.conclude().value
        guard digests.digest(checksum.algorithm) == checksum.expected else { throw TusMachine.checksumMismatch }
    }
}
