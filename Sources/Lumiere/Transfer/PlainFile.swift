import Glibc

/// A file that is read: a plain one, never what a link leads to. Its calls block.
final class PlainFile: Sendable {
    let path: String
    /// Bytes, when it was opened.
    let size: Int64
    private let descriptor: Int32

    /// Bytes read at a time.
    static let piece = 1 << 20

    /// - Throws: `TransferFault`.
    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TransferFault.system("read \(path)") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw TransferFault("\(path) is no plain file.")
        }
        (self.path, size) = (path, Int64(facts.st_size))
    }

    deinit { close(descriptor) }

    /// Calls the body with the bytes of a range, piece by piece.
    /// - Throws: `TransferFault` when the file ends before the range does; what the body throws.
    func read(_ range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let count = pread(descriptor, buffer.baseAddress, Int(min(Int64(Self.piece), range.upperBound - position)), off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TransferFault.system("read \(path)") }
            guard count > 0 else { throw TransferFault("\(path) is shorter than it was.") }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += Int64(count)
        }
    }

    /// A short range at once.
    func bytes(_ range: Range<Int64>) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        try read(range) { bytes += $0 }
        return bytes
    }
}
