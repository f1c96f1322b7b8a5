import NIOCore

/// What precedes a frame's payload (RFC 6455 section 5.2).
struct FrameHeader: Equatable {
    var fin: Bool
    /// RSV1 to RSV3, as the bits 4, 2 and 1.
    var reserved: UInt8
    /// Any of the sixteen.
    var opcode: UInt8
    var length: Int
    var mask: FrameMask?
}

/// Reads headers, wherever the bytes are cut. It holds none of them: neither bytes nor buffers.
struct FrameHeaderParser {
    private enum State {
        case first
        case second(first: UInt8)
        case length(first: UInt8, second: UInt8, missing: Int, read: UInt64)
        case mask(first: UInt8, length: Int, missing: Int, read: UInt32)
    }

    private var state = State.first

    /// The header that ends next, or `nil` if all input was taken and more is needed.
    /// - Throws: 1002 for a length that is not written in the shortest form, or has its highest bit set.
    mutating func next(_ input: inout ByteBuffer) throws(WebSocketViolation) -> FrameHeader? {
        while let byte = input.readInteger(as: UInt8.self) {
            if let header = try take(byte) {
                state = .first
                return header
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) throws(WebSocketViolation) -> FrameHeader? {
        switch state {
        case .first:
            state = .second(first: byte)
        case .second(let first):
            switch byte & 0x7F {
            case 127: state = .length(first: first, second: byte, missing: 8, read: 0)
            case 126: state = .length(first: first, second: byte, missing: 2, read: 0)
            case let length: return masked(first, byte, Int(length))
            }
        case .length(let first, let second, let missing, let read):
            let read = read << 8 | UInt64(byte)
            guard missing == 1 else {
                state = .length(first: first, second: second, missing: missing - 1, read: read)
                return nil
            }
            return masked(first, second, try Self.length(read, second))
        case .mask(let first, let length, let missing, let read):
            let read = read << 8 | UInt32(byte)
            if missing == 1 { return Self.header(first, length, FrameMask(read)) }
            state = .mask(first: first, length: length, missing: missing - 1, read: read)
        }
        return nil
    }

    private static func length(_ read: UInt64, _ second: UInt8) throws(WebSocketViolation) -> Int {
        let isShortest = second & 0x7F == 126 ? read > 125 : read > UInt16.max
        guard isShortest, let length = Int(exactly: read) else { throw WebSocketViolation(.protocolError, "bad length") }
        return length
    }

    private mutating func masked(_ first: UInt8, _ second: UInt8, _ length: Int) -> FrameHeader? {
        guard second & 0x80 != 0 else { return Self.header(first, length, nil) }
        state = .mask(first: first, length: length, missing: 4, read: 0)
        return nil
    }

    private static func header(_ first: UInt8, _ length: Int, _ mask: FrameMask?) -> FrameHeader {
        FrameHeader(fin: first & 0x80 != 0, reserved: first >> 4 & 0x7, opcode: first & 0xF, length: length, mask: mask)
    }
}
