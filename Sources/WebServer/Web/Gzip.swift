import CZlib
import Foundation

/// Compresses files once, as small as zlib can, in a gzip member (RFC 1952).
enum Gzip {
    /// - Returns: `nil` where that saves nothing worth its header.
    static func member(of bytes: Data) -> Data? {
        var stream = z_stream()
        // 15 bits of window, and 16 for gzip's header.
        let begun = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let input = [UInt8](bytes)
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(input.count))))
        let status = input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
                (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
                return deflate(&stream, Z_FINISH)
            }
        }
        let size = Int(stream.total_out)
        return status == Z_STREAM_END && size < bytes.count * 9 / 10 ? Data(output.prefix(size)) : nil
    }
}
