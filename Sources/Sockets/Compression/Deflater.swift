import CZlib
import NIOCore

/// Deflates messages (RFC 7692 section 7.2.1).
final class Deflater {
    struct Settings: Hashable, Sendable {
        /// 8 to 15.
        var windowBits: Int
        var level: Int
        var memoryLevel: Int
    }

    let settings: Settings
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Returns: `nil` without memory, or for settings that zlib does not take.
    init?(_ settings: Settings) {
        self.settings = settings
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib has no compressor for a window of 256 bytes, but in one of 512 it never refers back by more than 512 less 262.
        let bits = max(9, settings.windowBits)
        let status = deflateInit2_(
            stream, Int32(settings.level), Z_DEFLATED, -Int32(bits), Int32(settings.memoryLevel), Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets what earlier messages contained.
    func reset() { deflateReset(stream) }

    /// Appends a message, which must not be empty, as it is sent: flushed, without the four bytes that every flush ends with.
    func deflate(_ message: ByteBuffer, into output: inout ByteBuffer) {
        message.withUnsafeReadableBytes { bytes in
            stream.pointee.next_in = bytes.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_in = UInt32(bytes.count)
            repeat { step(into: &output) } while stream.pointee.avail_out == 0
            stream.pointee.next_in = nil
        }
        output.moveWriterIndex(to: output.writerIndex - 4)
    }

    private func step(into output: inout ByteBuffer) {
        // The marker of a flush must find room, or it comes again in the next step.
        let room = Int(deflateBound(stream, UInt(stream.pointee.avail_in))) + 16
        _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
            stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(space.count)
            _ = CZlib.deflate(stream, Z_SYNC_FLUSH)
            return space.count - Int(stream.pointee.avail_out)
        }
    }
}

@available(*, unavailable)
extension Deflater: Sendable {}
