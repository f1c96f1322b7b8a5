import Crypto

/// SHA-256 of a whole file. Blocks.
enum FileHash {
    private static let chunk = 1 << 20

    /// - Parameters:
    ///   - progress: told the bytes hashed so far; `false` ends it.
    /// - Returns: lower-case hex; `nil` when it was ended early, or the file ended early.
    static func sha256(_ file: OpenedFile, size: Int64, progress: (Int64) -> Bool) throws -> String? {
        var hash = SHA256()
        var offset: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
        defer { buffer.deallocate() }
        while offset < size {
            let count = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(chunk, Int(size - offset))]), at: offset)
            guard count > 0 else { return nil }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
            guard progress(offset) else { return nil }
        }
        return hex(hash.finalize())
    }

    /// Lower-case hex.
    static func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
