import CFiles
import Glibc
import NIOCore
import WebServer

/// A file open for reading, closed with its last reference.
final class OpenFile: SendableFile {
    let descriptor: CInt

    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open") }
    }

    deinit { close(descriptor) }

    /// Reads exactly `count` bytes unless the file is shorter than announced.
    /// - Throws: `IOError`, also when the file ends early: the response must not end as if it were whole.
    func read(at offset: Int64, count: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let done = buffer.readableBytes
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - done) { space in
                let got = pread(descriptor, space.baseAddress, count - done, off_t(offset) + off_t(done))
                guard got > 0 else { throw IOError(errnoCode: got == 0 ? EIO : errno, reason: "pread") }
                return got
            }
        }
        return buffer
    }

    /// Reads up to `count` bytes: fewer at the end.
    func bytes(at offset: Int64, upTo count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(space)[filled...])
                let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw IOError(errnoCode: errno, reason: "pread") }
                if got == 0 { return }
                filled += got
            }
        }
    }
}

// What the page cache has of it.
extension OpenFile {
    /// How far apart it is looked for pages that have been asked for and are still being read: they come in order, so that the
    /// last of a part comes last.
    private static let stride: Int64 = 512 << 10
    /// The same where the kernel cannot count the pages between.
    private static let narrowStride: Int64 = 16 << 10
    /// Bytes read at a time to no other end than that they are in memory.
    private static let scratch = 256 << 10

    /// Pages are counted (cachestat, Linux 6.5) to find holes, and some are tried without waiting (`RWF_NOWAIT`), for a page
    /// counts from the moment that it is asked for. Neither waits; mincore would, for the lock of the address space.
    func residence(of part: Range<Int64>) -> FileResidence {
        if part.isEmpty { return .memory }
        switch cfiles_peek(descriptor, Int(part.upperBound - 1)) {
        case 1: break
        case 0: return .nowhere
        default: return .disk
        }
        let holes = cfiles_holes(descriptor, UInt64(part.lowerBound), UInt64(part.count))
        if holes > 0 { return .disk }
        if holes == 0 && part.count <= Self.stride { return .memory }
        let places = Swift.stride(from: part.lowerBound, to: part.upperBound, by: Int(holes < 0 ? Self.narrowStride : Self.stride))
        return places.allSatisfy { cfiles_peek(descriptor, Int($0)) == 1 } ? .memory : .disk
    }

    /// Has the kernel begin with what follows the part, too, which is likely to be sent next.
    func warm(_ part: Range<Int64>) throws {
        _ = posix_fadvise(descriptor, off_t(part.lowerBound), off_t(part.count) * 2, POSIX_FADV_WILLNEED)
        try withUnsafeTemporaryAllocation(byteCount: Self.scratch, alignment: 64) { scratch in
            var offset = part.lowerBound
            while offset < part.upperBound {
                let got = pread(descriptor, scratch.baseAddress, min(scratch.count, Int(part.upperBound - offset)), off_t(offset))
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { throw IOError(errnoCode: got == 0 ? EIO : errno, reason: "pread") }
                offset += Int64(got)
            }
        }
    }
}
