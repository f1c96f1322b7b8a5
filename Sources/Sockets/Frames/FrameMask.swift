import NIOCore

/// A client's masking key (RFC 6455 section 5.3), advanced to the next byte of the payload.
struct FrameMask: Equatable {
    /// In the order of the wire, the next byte highest.
    private var key: UInt32

    /// What changes nothing.
    static let identity = FrameMask(0)

    init(_ key: UInt32) { self.key = key }

    /// Writes what is masked in `source` to `target`, which has room for as much, and advances by it.
    mutating func unmask(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        let words = source.count / 8
        let wide = (UInt64(key) << 32 | UInt64(key)).bigEndian
        for index in 0..<words {
            let word = source.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
            target.storeBytes(of: word ^ wide, toByteOffset: index * 8, as: UInt64.self)
        }
        for index in words * 8..<source.count {
            target[index] = source[index] ^ UInt8(truncatingIfNeeded: key >> 24)
            key = key << 8 | key >> 24
        }
    }
}

extension ByteBuffer {
    /// Appends the next bytes of a masked payload, taking them from `input`.
    mutating func writeUnmasked(_ input: inout ByteBuffer, count: Int, _ mask: inout FrameMask) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            input.readWithUnsafeReadableBytes { source in
                mask.unmask(UnsafeRawBufferPointer(rebasing: source[..<count]), into: target)
                return count
            }
        }
    }
}
