/// A frame, by its numbers: this client has an idea of its own of what the standard says.
struct WireFrame: Equatable, Sendable, CustomStringConvertible {
    static let (continuation, text, binary, close, ping, pong) = (0, 1, 2, 8, 9, 10)

    var opcode: Int
    var payload: [UInt8] = []
    var fin = true
    /// RSV1 to RSV3, as the bits 4, 2 and 1.
    var reserved = 0

    var description: String { "\(opcode)\(fin ? "" : "+")\(reserved == 0 ? "" : " rsv \(reserved)") \(payload.count): \(payload.prefix(24))" }

    static func text(_ text: String, fin: Bool = true) -> WireFrame { WireFrame(opcode: Self.text, payload: Array(text.utf8), fin: fin) }

    static func more(_ text: String, fin: Bool = false) -> WireFrame {
        WireFrame(opcode: continuation, payload: Array(text.utf8), fin: fin)
    }

    static func ping(_ text: String) -> WireFrame { WireFrame(opcode: Self.ping, payload: Array(text.utf8)) }

    static func pong(_ text: String) -> WireFrame { WireFrame(opcode: Self.pong, payload: Array(text.utf8)) }

    static func close(_ code: Int, _ reason: [UInt8] = []) -> WireFrame {
        WireFrame(opcode: Self.close, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    /// As a client sends it.
    var bytes: [UInt8] {
        let mask: [UInt8] = [0xA1, 0x02, 0xF3, 0x44]
        var bytes = [UInt8((fin ? 0x80 : 0) | reserved << 4 | opcode)]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...65_535: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [0x80 | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        bytes += mask
        bytes.reserveCapacity(bytes.count + payload.count)
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index & 3]) }
        return bytes
    }

    /// The frames at the beginning of what a server has sent, and how many bytes they are.
    static func parse(_ bytes: ArraySlice<UInt8>) -> (frames: [WireFrame], length: Int) {
        var frames: [WireFrame] = []
        var rest = bytes
        while let (frame, length) = first(rest) {
            frames.append(frame)
            rest = rest.dropFirst(length)
        }
        return (frames, bytes.count - rest.count)
    }

    private static func first(_ bytes: ArraySlice<UInt8>) -> (WireFrame, Int)? {
        let start = bytes.startIndex
        guard bytes.count >= 2 else { return nil }
        let extra = bytes[start + 1] == 127 ? 8 : bytes[start + 1] == 126 ? 2 : 0
        guard bytes.count >= 2 + extra else { return nil }
        let long = bytes[(start + 2)..<(start + 2 + extra)].reduce(0) { $0 << 8 | Int($1) }
        let count = extra == 0 ? Int(bytes[start + 1]) : long
        guard bytes.count >= 2 + extra + count else { return nil }
        let frame = WireFrame(
            opcode: Int(bytes[start] & 0xF), payload: Array(bytes.dropFirst(2 + extra).prefix(count)), fin: bytes[start] & 0x80 != 0,
            reserved: Int(bytes[start] >> 4 & 0x7))
        return (frame, 2 + extra + count)
    }
}
