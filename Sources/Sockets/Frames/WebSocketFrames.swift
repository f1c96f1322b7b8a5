import NIOCore

/// Makes the complete bytes of server frames. They are not masked, so one buffer serves every subscriber of a message.
public enum WebSocketFrames {
    /// RFC 6455 section 5.2.
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue >= 0x8 }
    }

    /// A whole text message in one frame. The payload has to be UTF-8.
    public static func text(_ payload: ByteBuffer) -> ByteBuffer { frame(.text, payload) }

    /// A whole binary message in one frame.
    public static func binary(_ payload: ByteBuffer) -> ByteBuffer { frame(.binary, payload) }

    static func ping() -> ByteBuffer { frame(.ping, ByteBuffer()) }

    /// - Parameter payload: At most 125 bytes: that of the ping it answers.
    static func pong(_ payload: ByteBuffer) -> ByteBuffer { frame(.pong, payload) }

    static func close(_ content: CloseContent) -> ByteBuffer { frame(.close, content.payload) }

    static func frame(_ opcode: Opcode, _ payload: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: payload.readableBytes + longestHeader)
        bytes.writeInteger(final | opcode.rawValue)
        writeLength(payload.readableBytes, into: &bytes)
        bytes.writeImmutableBuffer(payload)
        return bytes
    }

    /// A whole message in one compressed frame (RFC 7692 section 6.1).
    static func deflated(_ opcode: Opcode, _ payload: ByteBuffer, by deflater: Deflater) -> ByteBuffer {
        // Room for what zlib may need at most. The header's length depends on what follows: it is put right before that.
        let count = payload.readableBytes
        var bytes = ByteBufferAllocator().buffer(capacity: longestHeader + count + count >> 3 + count >> 6 + 64)
        bytes.moveWriterIndex(to: longestHeader)
        deflater.deflate(payload, into: &bytes)
        let end = bytes.writerIndex
        let start = longestHeader - headerLength(end - longestHeader)
        bytes.moveWriterIndex(to: start)
        bytes.writeInteger(final | isCompressed | opcode.rawValue)
        writeLength(end - longestHeader, into: &bytes)
        bytes.moveWriterIndex(to: end)
        bytes.moveReaderIndex(to: start)
        return bytes
    }

    private static let final: UInt8 = 0x80
    private static let isCompressed: UInt8 = 0x40
    private static let longestHeader = 10

    private static func headerLength(_ length: Int) -> Int { length <= 125 ? 2 : length <= UInt16.max ? 4 : longestHeader }

    // RFC 6455 section 5.2: the shortest of the three forms.
    private static func writeLength(_ length: Int, into bytes: inout ByteBuffer) {
        switch length {
        case ...125:
            bytes.writeInteger(UInt8(length))
        case ...Int(UInt16.max):
            bytes.writeInteger(UInt8(126))
            bytes.writeInteger(UInt16(length))
        default:
            bytes.writeInteger(UInt8(127))
            bytes.writeInteger(UInt64(length))
        }
    }
}
