import NIOCore
import Synchronization

/// A message for many connections: encoded once, and compressed at most once for all that share compressors.
///
/// Its compressed form is made when the first connection wants it, by that connection's event loop, and kept for the others on
/// whatever loop: connections agreed on no server context takeover share one (for each window size, if clients asked for
/// smaller ones). A connection with context takeover has to compress it by itself, and one without compression, or a message
/// that compression does not make smaller, takes the bytes as they are.
public final class PreparedMessage: Sendable {
    /// The complete, uncompressed frame.
    public let frame: ByteBuffer
    let opcode: WebSocketFrames.Opcode
    private let payloadBytes: Int
    private let compressed = Mutex<[Deflater.Settings: ByteBuffer]>([:])

    private init(_ opcode: WebSocketFrames.Opcode, _ payload: ByteBuffer) {
        self.opcode = opcode
        payloadBytes = payload.readableBytes
        frame = WebSocketFrames.frame(opcode, payload)
    }

    /// A text message. The payload has to be UTF-8.
    public static func text(_ payload: ByteBuffer) -> PreparedMessage { PreparedMessage(.text, payload) }

    /// A binary message.
    public static func binary(_ payload: ByteBuffer) -> PreparedMessage { PreparedMessage(.binary, payload) }

    /// The message without its frame's header.
    var payload: ByteBuffer { frame.getSlice(at: frame.writerIndex - payloadBytes, length: payloadBytes) ?? ByteBuffer() }

    /// A frame that refers to no other message, compressed unless that makes it longer.
    func sharedFrame(_ settings: Deflater.Settings) -> ByteBuffer {
        compressed.withLock { frames in
            if let frame = frames[settings] { return frame }
            let short = DeflaterPool.shared.frame(opcode, payload, settings).flatMap {
                $0.readableBytes < frame.readableBytes ? $0 : nil
            }
            frames[settings] = short ?? frame
            return short ?? frame
        }
    }
}
