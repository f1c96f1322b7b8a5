import NIOCore

/// Hashes bytes while they pass, on the hash threads: what has been hashed is not kept, and at most two pieces wait.
struct PassingHash<Digest: RunningDigest>: Sendable {
    /// Bytes gathered before they are hashed.
    static var gather: Int { 256 << 10 }

    private let pool: BlockingPool
    private var gathered = ByteBuffer()
    private var running: Task<Digest, any Error>
    /// Bytes that went in.
    private(set) var count: Int64

    /// Goes on from what others have begun.
    init(_ start: (count: Int64, digest: Task<Digest, any Error>), pool: BlockingPool) {
        self.pool = pool
        (count, running) = start
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
    mutating func conclude() -> Task<Digest, any Error> {
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

extension PassingHash where Digest == ContentDigest {
    /// Begins anew.
    init(pool: BlockingPool) { self.init((0, Task { ContentDigest() }), pool: pool) }
}
