import Core
import Glibc
import NIOConcurrencyHelpers

/// Hashes files behind their writers, on threads of its own, so that no confirmation waits for a hash.
///
/// It reads what was just written from the page cache, so nothing but a digest is held per upload however far it lags;
/// after a restart it reads the file from its start.
final class HashFollower: Sendable {
    /// Files whose digests are kept; of more, some are forgotten and read again when needed.
    static let maxFiles = 4096
    private static let chunk = 256 << 10

    private let files = NIOLockedValueBox<[UploadID: FollowedFile]>([:])
    private let pool: BlockingPool
    private let background: BlockingPool

    /// - Parameters:
    ///   - pool: hashes what somebody waits for.
    ///   - background: hashes ahead of that, of files that are still being written.
    init(pool: BlockingPool, background: BlockingPool) {
        self.pool = pool
        self.background = background
    }

    /// Tells that the file has `length` bytes now. Never waits.
    func advance(_ id: UploadID, path: String, to length: Int64) {
        let step = files.withLockedValue { files in
            Self.makeRoom(for: id, in: &files)
            return files[id, default: FollowedFile(path: path)].advance(to: length)
        }
        perform(step, id)
    }

    /// Waits until the first `length` bytes are hashed.
    /// - Throws: `UploadFileError` when they cannot be read; `CancellationError` when somebody else asks for the same.
    func digest(of id: UploadID, path: String, length: Int64) async throws -> ContentDigest {
        try await withCheckedThrowingContinuation { continuation in
            let (step, replaced) = files.withLockedValue { files in
                Self.makeRoom(for: id, in: &files)
                return files[id, default: FollowedFile(path: path)]
                    .wait(.init(length: length, continuation: continuation), path: path)
            }
            replaced?.continuation.resume(throwing: CancellationError())
            perform(step, id)
        }
    }

    /// Tells that the file may be cut back to `length` bytes before long.
    func mark(_ id: UploadID, path: String, at length: Int64) {
        files.withLockedValue { files in
            Self.makeRoom(for: id, in: &files)
            files[id, default: FollowedFile(path: path)].mark(at: length)
        }
    }

    /// Tells that the file was cut back to `length` bytes: what has been read beyond does not count.
    func cut(_ id: UploadID, to length: Int64) {
        let step = files.withLockedValue { $0[id]?.cut(to: length) }
        if let step { perform(step, id) }
    }

    /// Tells that the file was cut: what has been read of it, or is being read, does not count.
    func restart(_ id: UploadID) {
        cut(id, to: 0)
    }

    /// Drops what is known of an upload that nobody waits for.
    func forget(_ id: UploadID) {
        files.withLockedValue { files in
            if files[id]?.isIdle == true { files[id] = nil }
        }
    }

    private static func makeRoom(for id: UploadID, in files: inout [UploadID: FollowedFile]) {
        guard files.count >= maxFiles, files[id] == nil else { return }
        if let idle = files.first(where: { $0.value.isIdle })?.key { files[idle] = nil }
    }

    private func perform(_ step: FollowedFile.Step, _ id: UploadID) {
        switch step {
        case .idle: return
        case .answer(let waiter, let digest): waiter.continuation.resume(returning: digest)
        case .read(let path, let digest, let end, let isAwaited):
            (isAwaited ? pool : background).submit {
                self.read(id, path, digest, upTo: end)
            } orElse: {
                self.fail(id, BlockingPool.Stopped())
            }
        }
    }

    private func read(_ id: UploadID, _ path: String, _ digest: ContentDigest, upTo end: Int64) {
        do {
            let digest = try Self.hash(path, digest, upTo: end)
            let step = files.withLockedValue { $0[id]?.didRead(digest) }
            if let step { perform(step, id) }
        } catch {
            fail(id, error)
        }
    }

    private func fail(_ id: UploadID, _ error: any Error) {
        guard let (step, waiter) = files.withLockedValue({ $0[id]?.didFail() }) else { return }
        waiter?.continuation.resume(throwing: error)
        perform(step, id)
    }

    private static func hash(_ path: String, _ start: ContentDigest, upTo end: Int64) throws -> ContentDigest {
        var digest = start
        let file = try UploadFile(path, flags: O_RDONLY)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
        defer { buffer.deallocate() }
        while digest.count < end {
            let window = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(Int64(chunk), end - digest.count))))
            let count = try file.read(into: window, at: digest.count)
            // Bytes that were written and are not there: the file was cut.
            if count == 0 { throw UploadFileError.missing }
            digest.update(UnsafeRawBufferPointer(rebasing: window.prefix(count)))
        }
        return digest
    }
}
