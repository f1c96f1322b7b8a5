import NIOCore
import NIOWebSocket

@testable import Sockets

/// The bytes of a frame as a client sends it; masked unless asked otherwise.
func clientBytes(
    _ opcode: WebSocketOpcode, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0, masked: Bool = true
) -> ByteBuffer {
    let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    var bytes = ByteBuffer(integer: (fin ? 0x80 : 0) | (rsv << 4) | UInt8(webSocketOpcode: opcode))
    let flag: UInt8 = masked ? 0x80 : 0
    switch payload.count {
    case ...125:
        bytes.writeInteger(flag | UInt8(payload.count))
    case ...0xFFFF:
        bytes.writeInteger(flag | 126)
        bytes.writeInteger(UInt16(payload.count))
    default:
        bytes.writeInteger(flag | 127)
        bytes.writeInteger(UInt64(payload.count))
    }
    if masked { bytes.writeBytes(mask) }
    bytes.writeBytes(payload.enumerated().map { masked ? $1 ^ mask[$0 % 4] : $1 })
    return bytes
}

/// A text frame as a client sends it.
func clientText(_ text: String, fin: Bool = true) -> ByteBuffer { clientBytes(.text, Array(text.utf8), fin: fin) }

/// A frame as the client sees it.
struct ServerFrame: Equatable {
    var opcode: WebSocketOpcode
    var payload: [UInt8]
    /// RSV1 to RSV3, as the bits 4, 2 and 1.
    var reserved: UInt8 = 0

    static func text(_ text: String) -> ServerFrame { ServerFrame(opcode: .text, payload: Array(text.utf8)) }

    static func close(_ code: UInt16, _ reason: String = "") -> ServerFrame {
        ServerFrame(opcode: .connectionClose, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
    }

    /// Takes server bytes apart; `nil` if they are not a sequence of whole, final, unmasked frames.
    static func parse(_ bytes: ByteBuffer) -> [ServerFrame]? {
        var bytes = bytes
        var frames: [ServerFrame] = []
        while bytes.readableBytes > 0 {
            guard let frame = next(&bytes) else { return nil }
            frames.append(frame)
        }
        return frames
    }

    private static func next(_ bytes: inout ByteBuffer) -> ServerFrame? {
        guard let (first, second) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self), first & 0x80 == 0x80,
            second & 0x80 == 0, let opcode = WebSocketOpcode(encodedWebSocketOpcode: first & 0xF)
        else { return nil }
        let length: Int? =
            switch second {
            case 126: bytes.readInteger(as: UInt16.self).map(Int.init)
            case 127: bytes.readInteger(as: UInt64.self).map(Int.init)
            default: Int(second)
            }
        guard let length, let payload = bytes.readBytes(length: length) else { return nil }
        return ServerFrame(opcode: opcode, payload: payload, reserved: first >> 4 & 0x7)
    }
}
