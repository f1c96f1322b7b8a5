import Core
import NIOCore

/// Reads of whole small objects: one at a time for each object, however many ask for it meanwhile. When it fails, it
/// fails for all of them, so that a store in trouble is not asked the same thing a hundred times.
///
/// A read that has begun goes on when those who asked are gone: it is short, and the next guest will want the same.
actor SharedReads {
    private var reads: [ObjectKey: Task<ByteBuffer, any Error>] = [:]

    /// The bytes, from a read that is under way or from this one.
    func bytes(of key: ObjectKey, _ read: @escaping @Sendable () async throws -> ByteBuffer) async throws -> ByteBuffer {
        if let task = reads[key] { return try await task.value }
        let task = Task(operation: read)
        reads[key] = task
        defer { reads[key] = nil }
        return try await task.value
    }
}
