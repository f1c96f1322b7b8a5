import CZlib

/// Unpacks what was deflated (RFC 1951), piece by piece.
final class Inflation {
    // By address: zlib compares it with what it was begun with.
    private let stream: UnsafeMutablePointer<z_stream>
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private var isOver = false

    /// - Throws: `TransferFault` without memory.
    init() throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Below zero: no header and no checksum.
        guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw TransferFault("There is no memory to unpack files.")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Takes more of what is packed and hands on what comes out. What stands behind the end is not looked at.
    /// - Throws: `TransferFault` for what is not deflated; what the body throws.
    func add(_ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        repeat {
            if isOver { return }
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let status = inflate(stream, Z_NO_FLUSH)
            // It can do nothing more until there is more.
            guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else { throw TransferFault("A file of the archive is damaged.") }
            isOver = status == Z_STREAM_END
            try body(UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.pointee.avail_out))]))
        } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
    }
}
