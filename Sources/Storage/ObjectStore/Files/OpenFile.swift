import Core
import Glibc
import NIOCore

/// An open file, closed with its last owner. Every method blocks: call them on file threads.
final class OpenFile: Sendable {
    private let descriptor: CInt

    /// - Throws: `ObjectStoreError`.
    init(_ path: String, _ flags: CInt) throws {
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileSystem.failure("open") }
    }

    deinit { close(descriptor) }

    /// Bytes.
    var size: Int64 {
        get throws {
            var status = stat()
            try FileSystem.check(fstat(descriptor, &status), "fstat")
            return Int64(status.st_size)
        }
    }

    /// Up to `count` bytes from that offset on; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let position = off_t(offset) + off_t(buffer.readableBytes)
            let wanted = count - buffer.readableBytes
            let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { bytes in
                try FileSystem.retrying("pread") { pread(descriptor, bytes.baseAddress, wanted, position) }
            }
            if got == 0 { break }
        }
        return buffer
    }

    /// Writes all of the buffer at that offset.
    func write(_ buffer: ByteBuffer, at offset: Int64) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                done += try FileSystem.retrying("pwrite") {
                    pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
                }
            }
        }
    }

    /// Puts the bytes on the disk.
    func sync() throws { try FileSystem.check(fdatasync(descriptor), "fdatasync") }

    /// Takes the lock of the file for this process.
    /// - Returns: `false` when another has it and `isPatient` is false.
    func lock(isPatient: Bool) throws -> Bool {
        while flock(descriptor, LOCK_EX | (isPatient ? 0 : LOCK_NB)) != 0 {
            if errno == EWOULDBLOCK { return false }
            if errno != EINTR { throw FileSystem.failure("flock") }
        }
        return true
    }
}
