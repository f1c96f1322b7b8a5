import Core
import Glibc

/// Random access to an original, for the parts that are read without a library.
final class InputFile {
    private let descriptor: Int32
    /// Bytes.
    let size: UInt64

    /// - Throws: `DecodingFailure.internalFailure` when the file cannot be opened.
    init(_ path: String) throws {
        let failure = DecodingFailure.internalFailure("The original cannot be opened.")
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw failure
        }
        size = UInt64(clamping: status.st_size)
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from an offset; fewer at the end of the file.
    func read(_ offset: UInt64, _ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let amount = pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset) + off_t(filled))
                if amount < 0 && errno == EINTR { continue }
                guard amount >= 0 else { throw DecodingFailure.internalFailure("The original cannot be read.") }
                if amount == 0 { return }
                filled += amount
            }
        }
    }
}
