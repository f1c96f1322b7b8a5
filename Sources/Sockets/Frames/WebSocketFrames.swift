import NIOCore
import NIOWebSocket

/// Makes the complete bytes of server frames. They are not masked, so one buffer serves every subscriber of a message.
public enum WebSocketFrames {
    /// A whole text message in one frame. The payload has to be UTF-8.
    public static func text(_ payload: ByteBuffer) -> ByteBuffer { frame(.text, payload) }

    /// A whole binary message in one frame.
    public static func binary(_ payload: ByteBuffer) -> ByteBuffer { frame(.binary, payload) }

    static func ping() -> ByteBuffer { frame(.ping, ByteBuffer()) }

    /// - Parameter payload: At most 125 bytes: that of the ping it answers.
    static func pong(_ payload: ByteBuffer) -> ByteBuffer { frame(.pong, payload) }

    static func close(_ content: CloseContent) -> ByteBuffer { frame(.connectionClose, content.payload) }

    private static func frame(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: payload.readableBytes + longestHeader)
        bytes.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        writeLength(payload.readableBytes, into: &bytes)
        bytes.writeImmutableBuffer(payload)
        return bytes
    }

    private static let longestHeader = 10

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
