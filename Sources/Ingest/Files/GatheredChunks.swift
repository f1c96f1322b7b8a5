import NIOCore

/// Chunks that wait to be written together. Large ones stay as they came; small ones are copied into one buffer, so that
/// many of them cost neither a call each nor the room of the larger buffers they came in.
struct GatheredChunks: Sendable {
    /// Bytes of the smallest chunk that is not copied.
    static let large = 32 << 10

    private(set) var buffers: [ByteBuffer] = []
    /// Bytes of all.
    private(set) var count = 0
    private var isLastOurs = false

    mutating func append(_ chunk: ByteBuffer) {
        count += chunk.readableBytes
        guard chunk.readableBytes < Self.large else {
            isLastOurs = false
            return buffers.append(chunk)
        }
        if !isLastOurs { buffers.append(ByteBufferAllocator().buffer(capacity: Self.large)) }
        isLastOurs = true
        buffers[buffers.count - 1].writeImmutableBuffer(chunk)
    }
}
