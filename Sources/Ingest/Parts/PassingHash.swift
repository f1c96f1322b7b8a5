import NIOCore

/// Hashes bytes while they pass, on the hash threads: what has been hashed is not kept, and at most two pieces wait.
struct PassingHash: Sendable {
    /// Bytes gathered before they are hashed.
    static let gather = 256 << 10

    private let pool: BlockingPool
    private var gathered = ByteBuffer()
    private var running: Task<ContentDigest, any Error>
    /// Bytes that went in.
    private(set) var count: Int64

    /// Begins anew, or goes on from what others have begun.
    init(_ start: (count: Int64, digest: Task<ContentDigest, any Error>)? = nil, pool: BlockingPool) {
        self.pool = pool
        count = start?.count ?? 0
        running = start?.digest ?? Task { ContentDigest() }
    }

    /// Takes a chunk; waits while the threads are slower than whoever sends.
    /// - Throws: `BlockingPool.Stopped`.
    mutating func append(_ chunk: ByteBuffer) async throws {
        if gathered.readableBytes == 0 { gathered = chunk } else { gathered.writeImmutableBuffer(chunk) }
        count += Int64(chunk.readableBytes)
        guard gathered.readableBytes >= Self.gather else { return }
        _ = try await running.value
        advance()
    }

    /// The digest of everything, once it is there.
    mutating func conclude() -> Task<ContentDigest, any Error> {
        if gathered.readableBytes > 0 { advance() }
        return running
    }

    private mutating func advance() {
        let (before, bytes, pool) = (running, gathered, pool)
        gathered = ByteBuffer()
        running = Task {
            let start = try await before.value
            return try await pool.run {
                var digest = start
                bytes.withUnsafeReadableBytes { digest.update($0) }
                return digest
            }
        }
    }
}
