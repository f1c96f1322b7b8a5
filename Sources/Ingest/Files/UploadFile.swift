import Glibc
import NIOCore

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

    init(_ path: String, flags: Int32) throws {
        self.descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UploadFileError.last("open") }
    }

    deinit { close(descriptor) }

    func withDescriptor<Value>(_ body: (Int32) -> Value) -> Value { body(descriptor) }

    /// Bytes.
    var size: Int64 {
        get throws {
            var facts = stat()
            guard fstat(descriptor, &facts) == 0 else { throw UploadFileError.last("fstat") }
            return Int64(facts.st_size)
        }
    }

    /// Writes all of the buffer at that offset.
    func write(_ buffer: ByteBuffer, at offset: Int64) throws {
        try buffer.withUnsafeReadableBytes { bytes in
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
