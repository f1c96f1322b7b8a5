import CFiles
import Glibc

/// A file open for reading. Reads block: only for threads that may wait.
final class OpenedFile: Sendable {
    /// The system's refusal.
    struct Failure: Error, Equatable, CustomStringConvertible {
        var code: Int32
        var description: String { String(cString: strerror(code)) }
        /// There is no such file (any more), or it is no regular one.
        var isMissing: Bool { code == ENOENT || code == ENOTDIR || code == ELOOP || code == EXDEV }
    }

    private let descriptor: Int32

    /// - Parameters:
    ///   - path: absolute.
    ///   - reach: the folder that it must not lead out of.
    init(_ path: String, in reach: FolderReach) throws(Failure) { descriptor = try reach.open(path, FolderReach.reading) }

    deinit { close(descriptor) }

    /// `nil` when it is no regular file.
    var facts: FileFacts? { FileFacts.of(descriptor) }

    /// Fills a buffer from an offset on.
    /// - Returns: the bytes read: fewer than asked for only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Failure) -> Int {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let read = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(count))
            if read == 0 { break }
            if read > 0 { count += read } else if errno != EINTR { throw Failure(code: errno) }
        }
        return count
    }

    /// Bytes from an offset on, fewer at the end of the file.
    func bytes(_ count: Int, at offset: Int64) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: Failure?
        let read = bytes.withUnsafeMutableBytes { buffer in
            do throws(Failure) { return try self.read(into: buffer, at: offset) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return Array(bytes.prefix(read))
    }

    /// Who has it open for writing.
    var writers: Writers {
        var status = statfs()
        guard fstatfs(descriptor, &status) == 0 else { return .unseen }
        return Writers(fileSystem: UInt32(truncatingIfNeeded: status.f_type), lease: lease)
    }

    /// A read lease is granted only on a file that nobody writes to (fcntl(2)). It is given back at once: who opens the file
    /// in this instant waits for microseconds. The signal that would tell us so must be ignored by the process.
    private func lease() -> Int32 {
        guard fcntl(descriptor, Self.setLease, Int32(F_RDLCK)) == 0 else { return errno }
        _ = fcntl(descriptor, Self.setLease, Int32(F_UNLCK))
        return 0
    }

    /// `F_SETLEASE`, which only GNU's own headers name.
    private static let setLease: Int32 = 1024
}
