import Foundation
import NIOCore

/// A packet of Engine.IO protocol 4, as a client sends it. What stands behind the type of a packet that has no data is ignored.
enum EnginePacket: Equatable {
    case open
    case close
    case ping(ByteBuffer)
    case pong
    /// Valid UTF-8, if what it was read from is.
    case text(ByteBuffer)
    case binary(ByteBuffer)
    case upgrade
    case noop

    /// Reads a packet that is text: a WebSocket's text message, or a piece of a polling payload.
    /// - Returns: `nil` for what is no packet.
    init?(text: ByteBuffer) {
        var rest = text
        guard let type = rest.readInteger(as: UInt8.self) else { return nil }
        switch type {
        case UInt8(ascii: "0"): self = .open
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping(rest)
        case UInt8(ascii: "3"): self = .pong
        case UInt8(ascii: "4"): self = .text(rest)
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        default: return nil
        }
    }

    /// Reads a piece of a polling payload, where a binary message is `b` and base64.
    init?(piece: ByteBuffer) {
        guard piece.getInteger(at: piece.readerIndex) == UInt8(ascii: "b") else {
            self.init(text: piece)
            return
        }
        let text = piece.readableBytesView.dropFirst()
        // Three pads carry nothing, yet Foundation takes them.
        guard !text.suffix(3).elementsEqual("===".utf8), let bytes = Data(base64Encoded: Data(text)) else { return nil }
        self = .binary(ByteBuffer(bytes: bytes))
    }
}
