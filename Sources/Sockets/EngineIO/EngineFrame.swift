import Foundation
import NIOCore

/// A packet to be sent, encoded once for any number of sessions and for both transports.
///
/// It is a WebSocket frame; the bytes for polling are the frame's own payload, in base64 if it is binary.
public struct EngineFrame: Sendable, Equatable {
    /// The complete frame, not masked.
    let webSocket: ByteBuffer

    init(webSocket: ByteBuffer) { self.webSocket = webSocket }

    /// A text message; the payload has to be UTF-8 without a record separator (0x1E): JSON never holds one.
    public static func text(_ message: ByteBuffer) -> EngineFrame {
        packet(UInt8(ascii: "4"), message)
    }

    /// A binary message.
    public static func binary(_ message: ByteBuffer) -> EngineFrame {
        EngineFrame(webSocket: WebSocketFrames.binary(message))
    }

    static func open(_ handshake: ByteBuffer) -> EngineFrame { packet(UInt8(ascii: "0"), handshake) }
    static let close = packet(UInt8(ascii: "1"))
    static let ping = packet(UInt8(ascii: "2"))
    static let probeAnswer = packet(UInt8(ascii: "3"), ByteBuffer(string: "probe"))
    static let noop = packet(UInt8(ascii: "6"))

    /// The packet's bytes in a polling payload.
    var piece: ByteBuffer {
        guard isBinary else { return payload }
        return ByteBuffer(string: "b" + Data(payload.readableBytesView).base64EncodedString())
    }

    private static func packet(_ type: UInt8, _ content: ByteBuffer = ByteBuffer()) -> EngineFrame {
        var bytes = ByteBufferAllocator().buffer(capacity: content.readableBytes + 1)
        bytes.writeInteger(type)
        bytes.writeImmutableBuffer(content)
        return EngineFrame(webSocket: WebSocketFrames.text(bytes))
    }

    // RFC 6455 section 5.2: FIN and opcode, then the length in one of three forms.
    private var isBinary: Bool { webSocket.getInteger(at: webSocket.readerIndex, as: UInt8.self) == 0x82 }

    private var payload: ByteBuffer {
        var bytes = webSocket
        let form = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt8.self)
        bytes.moveReaderIndex(forwardBy: form == 127 ? 10 : form == 126 ? 4 : 2)
        return bytes
    }
}
