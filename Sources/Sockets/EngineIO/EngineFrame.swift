import Foundation
import NIOCore

/// A packet to be sent, encoded once for any number of sessions and for both transports.
///
/// It is a WebSocket frame; the bytes for polling are the frame's own payload, in base64 if it is binary.
public struct EngineFrame: Sendable {
    /// The complete frame, neither masked nor compressed.
    let webSocket: ByteBuffer
    /// What a WebSocket compresses, if it was agreed on; `nil` for what goes as it is.
    let message: PreparedMessage?

    init(webSocket: ByteBuffer) {
        self.webSocket = webSocket
        message = nil
    }

    private init(_ message: PreparedMessage) {
        webSocket = message.frame
        self.message = message
    }

    /// A text message; the payload has to be UTF-8 without a record separator (0x1E): JSON never holds one.
    public static func text(_ message: ByteBuffer) -> EngineFrame {
        EngineFrame(PreparedMessage.text(packet(UInt8(ascii: "4"), message)))
    }

    /// A binary message.
    public static func binary(_ message: ByteBuffer) -> EngineFrame {
        EngineFrame(PreparedMessage.binary(message))
    }

    static func open(_ handshake: ByteBuffer) -> EngineFrame { control("0", handshake) }
    static let close = control("1")
    static let ping = control("2")
    static let probeAnswer = control("3", ByteBuffer(string: "probe"))
    static let noop = control("6")

    /// The packet's bytes in a polling payload.
    var piece: ByteBuffer {
        guard isBinary else { return payload }
        return ByteBuffer(string: "b" + Data(payload.readableBytesView).base64EncodedString())
    }

    private static func control(_ type: Unicode.Scalar, _ content: ByteBuffer = ByteBuffer()) -> EngineFrame {
        EngineFrame(webSocket: WebSocketFrames.text(packet(UInt8(ascii: type), content)))
    }

    private static func packet(_ type: UInt8, _ content: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: content.readableBytes + 1)
        bytes.writeInteger(type)
        bytes.writeImmutableBuffer(content)
        return bytes
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

extension EngineFrame: Equatable {
    /// By what is sent.
    public static func == (lhs: EngineFrame, rhs: EngineFrame) -> Bool { lhs.webSocket == rhs.webSocket }
}
