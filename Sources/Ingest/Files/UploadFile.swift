import CFiles
import Glibc
import NIOCore
import Synchronization

/// What can go wrong with a file.
enum UploadFileError: Error, Equatable {
    case full
    case missing
    /// `errno` and what was tried.
    case system(Int32, String)

    /// The error that `errno` stands for.
    static func last(_ attempt: String) -> UploadFileError {
        switch errno {
        case ENOSPC, EDQUOT: .full
        case ENOENT: .missing
        default: .system(errno, attempt)
        }
    }
}

/// An open file. Every method blocks: call them on the file threads.
final class UploadFile: Sendable {
    private let descriptor: Int32
    private let hasNewName: Atomic<Bool>

    /// - Parameter hasNewName: whether it is uncertain that its entry in the folder is on the disk.
    init(_ path: String, flags: Int32, hasNewName: Bool = false) throws {
        self.descriptor = open(path, flags | O_CLOEXEC, 0o600)
        self.hasNewName = Atomic(hasNewName)
        guard descriptor >= 0 else { throw UploadFileError.last("open") }
    }

    deinit { close(descriptor) }

    /// Whether its entry in the folder may not be on the disk yet.
    var isNameAtRisk: Bool { hasNewName.load(ordering: .relaxed) }

    /// The folder has been synced.
    func nameIsSafe() { hasNewName.store(false, ordering: .relaxed) }

    func withDescriptor<Value>(_ body: (Int32) -> Value) -> Value { body(descriptor) }

    /// Bytes.
    var size: Int64 {
        get throws {
            // Nothing reads or writes at the file's own position.
            let end = lseek(descriptor, 0, SEEK_END)
            guard end >= 0 else { throw UploadFileError.last("lseek") }
            return Int64(end)
        }
    }

    /// Writes all of the buffer at that offset.
    func write(_ buffer: ByteBuffer, at offset: Int64) throws {
        try buffer.withUnsafeReadableBytes { try write($0, at: offset) }
    }

    /// Writes all of the bytes at that offset.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        var done = 0
        while done < bytes.count {
            let written = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + done)
            if written < 0 {
                if errno == EINTR { continue }
                throw UploadFileError.last("pwrite")
            }
            done += written
        }
    }

    /// Makes the disk begin with bytes that have been written, so that a later sync finds less to do. Only a hint.
    func beginWriteback(of range: Range<Int64>) {
        _ = sync_file_range(
            descriptor, Int(range.lowerBound), Int(range.upperBound - range.lowerBound), CFILES_SYNC_FILE_RANGE_WRITE)
    }

    /// Fills the buffer from that offset on.
    /// - Returns: how many bytes there were.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        while true {
            let count = pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw UploadFileError.last("pread") }
        }
    }

    /// Returns when the bytes, and the size that makes them reachable, are on the disk.
    func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw UploadFileError.last("fdatasync") }
    }

    /// Also syncs what `sync` may leave out; meant for folders.
    func syncAll() throws {
        guard fsync(descriptor) == 0 else { throw UploadFileError.last("fsync") }
    }

    /// Cuts the file back.
    func truncate(to size: Int64) throws {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw UploadFileError.last("ftruncate") }
    }
}
