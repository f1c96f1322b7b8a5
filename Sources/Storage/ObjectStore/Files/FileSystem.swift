import Core
import Glibc

/// The system calls the store needs, with their errors as `ObjectStoreError`. All block.
enum FileSystem {
    /// Bytes of a regular file; `nil` when there is none.
    static func size(_ path: String) throws -> Int64? { try status(path)?.size }

    /// The same, and when its content was written last.
    static func status(_ path: String) throws -> (size: Int64, modifiedAt: Timestamp)? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if [ENOENT, ENOTDIR].contains(errno) { return nil }
            throw failure("stat")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        let milliseconds = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        return (Int64(status.st_size), Timestamp(milliseconds: milliseconds))
    }

    /// - Returns: whether the folder was missing.
    @discardableResult
    static func makeFolder(_ path: String) throws -> Bool {
        if mkdir(path, 0o750) == 0 { return true }
        guard errno == EEXIST else { throw failure("mkdir") }
        return false
    }

    /// - Returns: `false` when there was nothing to remove.
    @discardableResult
    static func removeFile(_ path: String) throws -> Bool {
        if unlink(path) == 0 { return true }
        guard [ENOENT, ENOTDIR].contains(errno) else { throw failure("unlink") }
        return false
    }

    /// Puts a file's bytes and length on the disk.
    static func syncFile(_ path: String) throws {
        try withDescriptor(path, O_RDONLY) { try check(fdatasync($0), "fdatasync") }
    }

    /// Puts a folder's entries on the disk.
    static func syncFolder(_ path: String) throws {
        try withDescriptor(path, O_RDONLY | O_DIRECTORY) { try check(fsync($0), "fsync") }
    }

    /// Blocks in bytes; some file systems report more of them than 64 bits of bytes can say.
    static func bytes(_ blocks: UInt64, of size: UInt64) -> Int64 {
        let (bytes, isTooMany) = blocks.multipliedReportingOverflow(by: size)
        return isTooMany ? .max : Int64(clamping: bytes)
    }

    /// Copies bytes between file systems.
    static func copy(_ source: String, to target: String) throws {
        try withDescriptor(source, O_RDONLY) { input in
            try withDescriptor(target, O_WRONLY | O_CREAT | O_EXCL) { output in try copy(input, to: output) }
        }
    }

    private static func copy(_ input: CInt, to output: CInt) throws {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while true {
                let count = try retrying("read") { read(input, buffer.baseAddress, buffer.count) }
                if count == 0 { return }
                var written = 0
                while written < count {
                    written += try retrying("write") { write(output, buffer.baseAddress! + written, count - written) }
                }
            }
        }
    }

    static func withDescriptor<Value>(_ path: String, _ flags: CInt, _ body: (CInt) throws -> Value) throws -> Value {
        let descriptor = open(path, flags | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        return try body(descriptor)
    }

    static func check(_ result: CInt, _ call: String) throws {
        if result != 0 { throw failure(call) }
    }

    /// Makes a call again when a signal has interrupted it.
    static func retrying(_ call: String, _ work: () -> Int) throws -> Int {
        while true {
            let result = work()
            if result >= 0 { return result }
            if errno != EINTR { throw failure(call) }
        }
    }

    /// The error of the call that has just failed.
    static func failure(_ call: String) -> ObjectStoreError {
        let code = errno
        return [ENOSPC, EDQUOT].contains(code) ? .full : .system(code, call)
    }
}
