import CFiles
import Core
import Glibc

extension LocalBytes {
    /// Bytes that a thread copies before it looks after others.
    private static let slice: Int64 = 64 << 20
    /// Bytes between two records of how far it is.
    private static let recordEvery: Int64 = 512 << 20

    func join(
        _ parts: [Upload], into final: Upload, record: @escaping @Sendable (UploadMark) async throws -> Void
    ) async throws -> UploadMark {
        for part in parts { try requireFile(of: part) }
        let file = try await files.create(final.id)
        var done = try await files.pool.run { try Self.resume(file, at: final.offset) }
        var recorded = done
        var start: Int64 = 0
        for part in parts {
            let end = start + part.offset
            if done < end {
                let path = files.path(of: part.id)
                let source = try await files.pool.run { try UploadFile(path, flags: O_RDONLY) }
                while done < end {
                    try Task.checkCancellation()
                    let (place, count) = (done, min(end - done, Self.slice))
                    let from = place - start
                    try await files.pool.run { try file.copy(from..<from + count, of: source, to: place) }
                    done += count
                    guard done - recorded >= Self.recordEvery else { continue }
                    try await sync(file, of: final.id)
                    try await record(UploadMark(offset: done))
                    recorded = done
                }
            }
            start = end
        }
        try await sync(file, of: final.id)
        return UploadMark(offset: done)
    }

    /// Cuts off what an earlier attempt left that is not recorded, or begins anew should there be less.
    private static func resume(_ file: UploadFile, at offset: Int64) throws -> Int64 {
        let kept = try file.size < offset ? 0 : offset
        try file.truncate(to: kept)
        return kept
    }
}

extension UploadFile {
    private static let copyBuffer = 256 << 10

    /// Copies bytes of another file into this one without a detour through the process; where the file system can, both
    /// share them from then on (copy_file_range(2)).
    /// - Throws: `UploadFileError.missing` when the other file does not have them.
    func copy(_ range: Range<Int64>, of source: UploadFile, to offset: Int64) throws {
        var (from, to) = (Int(range.lowerBound), Int(offset))
        while from < range.upperBound {
            let wanted = UInt(range.upperBound) - UInt(from)
            let count = source.withDescriptor { input in
                withDescriptor { output in copy_file_range(input, &from, output, &to, wanted, 0) }
            }
            if count > 0 { continue }
            if count == 0 { throw UploadFileError.missing }
            switch errno {
            case EINTR: continue
            case EXDEV, EINVAL, ENOSYS, EOPNOTSUPP:
                return try copyThroughMemory(Int64(from)..<range.upperBound, of: source, to: Int64(to))
            default: throw UploadFileError.last("copy_file_range")
            }
        }
    }

    /// For file systems that cannot copy by themselves.
    func copyThroughMemory(_ range: Range<Int64>, of source: UploadFile, to offset: Int64) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.copyBuffer, alignment: 16)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < range.upperBound - range.lowerBound {
            let left = Int(min(Int64(buffer.count), range.upperBound - range.lowerBound - done))
            let window = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(left))
            let count = try source.read(into: window, at: range.lowerBound + done)
            if count == 0 { throw UploadFileError.missing }
            try write(UnsafeRawBufferPointer(rebasing: window.prefix(count)), at: offset + done)
            done += Int64(count)
        }
    }
}
