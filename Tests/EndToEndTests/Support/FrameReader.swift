import Glibc
import NIOCore

/// Takes apart what a server says on a WebSocket: its answer to the handshake, then frames.
struct FrameReader {
    /// The answer to the handshake, once it has come.
    private(set) var head: String?
    private var rest = ByteBuffer()

    mutating func append(_ input: ByteBuffer) {
        if rest.readableBytes == 0 { rest = input } else { rest.writeImmutableBuffer(input) }
    }

    /// - Returns: the next frame that has come as a whole.
    mutating func next() -> (opcode: UInt8, payload: ByteBuffer)? {
        if head == nil { shakeHands() }
        guard head?.hasPrefix("HTTP/1.1 101 ") == true else { return nil }
        let start = rest.readerIndex
        guard let first: UInt8 = rest.readInteger(), let second: UInt8 = rest.readInteger(), let length = length(second),
            let payload = rest.readSlice(length: length)
        else {
            rest.moveReaderIndex(to: start)
            if rest.readableBytes == 0 { rest = ByteBuffer() } else { rest.discardReadBytes() }
            return nil
        }
        return (first & 0x0F, payload)
    }

    private mutating func shakeHands() {
        let length = rest.withUnsafeReadableBytes { Self.find("\r\n\r\n", in: $0) }
        head = length.flatMap { rest.readString(length: $0 + 4) }
    }

    private mutating func length(_ second: UInt8) -> Int? {
        switch second {
        case 126: rest.readInteger(as: UInt16.self).map(Int.init)
        case 127: rest.readInteger(as: UInt64.self).map(Int.init)
        default: Int(second)
        }
    }

    /// - Returns: where a text of ASCII begins.
    static func find(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let length = text.utf8CodeUnitCount
        var start = 0
        while start + length <= bytes.count, let found = memchr(base + start, Int32(text.utf8Start[0]), bytes.count - length - start + 1) {
            start = UnsafeRawPointer(found) - base
            if memcmp(base + start, text.utf8Start, length) == 0 { return start }
            start += 1
        }
        return nil
    }
}
