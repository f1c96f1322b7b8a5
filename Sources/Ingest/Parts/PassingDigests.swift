import Core
import NIOConcurrencyHelpers

/// The running digests of uploads that this process has received from the first byte on, without another node in between.
final class PassingDigests: Sendable {
    /// Digests that are kept; of more, some are forgotten, which costs reading an object.
    static let capacity = 4096

    private struct Entry {
        var generation: Int
        var count: Int64
        var digest: Task<ContentDigest, any Error>
    }

    private let entries = NIOLockedValueBox<[UploadID: Entry]>([:])

    /// The upload has just been taken over by this process: what is kept of it counts if nobody else has had it.
    func advance(_ upload: Upload) {
        entries.withLockedValue { entries in
            guard let entry = entries[upload.id] else { return }
            let isUnbroken = entry.generation == upload.generation - 1 && entry.count == upload.offset
            if isUnbroken { entries[upload.id]?.generation = upload.generation } else { entries[upload.id] = nil }
        }
    }

    /// Goes on with an upload that this process holds.
    /// - Returns: `nil` when its first bytes are not known here.
    func resume(_ upload: Upload, on pool: BlockingPool) -> PassingHash<ContentDigest>? {
        if upload.offset == 0 { return PassingHash(pool: pool) }
        let entry = entries.withLockedValue { $0.removeValue(forKey: upload.id) }
        guard let entry, entry.generation == upload.generation, entry.count == upload.offset else { return nil }
        return PassingHash((entry.count, entry.digest), pool: pool)
    }

    /// Keeps what was hashed by the end of a request.
    func keep(_ hash: PassingHash<ContentDigest>, of upload: Upload) {
        var hash = hash
        let entry = Entry(generation: upload.generation, count: hash.count, digest: hash.conclude())
        entries.withLockedValue { entries in
            if entries.count >= Self.capacity, entries[upload.id] == nil, let any = entries.keys.first { entries[any] = nil }
            entries[upload.id] = entry
        }
    }

    /// The digest of a whole upload; `nil` when it is not known here.
    func digest(of upload: Upload) async -> ContentDigest? {
        let entry = entries.withLockedValue { $0[upload.id] }
        guard let entry, entry.generation == upload.generation, entry.count == upload.offset else { return nil }
        return try? await entry.digest.value
    }

    func forget(_ id: UploadID) { entries.withLockedValue { _ = $0.removeValue(forKey: id) } }
}
