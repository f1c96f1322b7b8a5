import CZlib
import NIOCore

/// Inflates a peer's messages one after the other (RFC 7692 section 7.2.2), in pieces as they come.
final class Inflater {
    /// The most that one step adds to a message.
    static let step = 16 << 10
    /// The most that is taken at once.
    private static let pieceBytes = 4 << 10

    private let stream: UnsafeMutablePointer<z_stream>
    private let piece: UnsafeMutableRawBufferPointer
    /// Whether all input so far ends with a whole block at a whole byte. A message that does so by itself lacks nothing:
    /// it has no bytes, or the sender has used a final block with nothing behind it.
    private var isAtBoundary = true

    /// - Parameter windowBits: 8 to 15.
    /// - Returns: `nil` without memory.
    init?(windowBits: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        piece = .allocate(byteCount: Self.pieceBytes, alignment: 8)
        // Below zero: no header and no checksum.
        let status = inflateInit2_(stream, -Int32(windowBits), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        piece.deallocate()
    }

    /// Takes the next bytes of a message from a masked payload, to be used up by `step`. Returns how many.
    /// - Parameter count: How many there are, at most.
    func take(_ input: inout ByteBuffer, count: Int, _ mask: inout FrameMask) -> Int {
        let count = min(count, Self.pieceBytes)
        input.readWithUnsafeReadableBytes { source in
            mask.unmask(UnsafeRawBufferPointer(rebasing: source[..<count]), into: piece)
            return count
        }
        give(count)
        return count
    }

    /// Takes what every message leaves out at its end, an empty block. Returns false if there is nothing to use up.
    func takeTail() -> Bool {
        guard !isAtBoundary else { return false }
        piece.copyBytes(from: [0x00, 0x00, 0xFF, 0xFF])
        give(4)
        return true
    }

    private func give(_ count: Int) {
        stream.pointee.next_in = UnsafePointer(piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(count)
    }

    /// Checks, once the tail is used up, that the message was whole.
    func end() throws(WebSocketViolation) {
        guard isAtBoundary else { throw Self.invalid }
    }

    /// Adds to the message what some of the input inflates to. Returns whether there is more.
    /// - Parameter limit: Bytes of the whole message.
    /// - Throws: 1007 for what is no deflated data, 1009 over the limit.
    func step(into message: inout ByteBuffer, limit: Int) throws(WebSocketViolation) -> Bool {
        let room = min(limit - message.readableBytes + 1, Self.step)
        // Most messages inflate to a few times their size.
        let guess = min(room, max(512, 4 * Int(stream.pointee.avail_in)))
        let given = stream.pointee.avail_in
        var status = Z_OK
        let added = message.writeWithUnsafeMutableBytes(minimumWritableBytes: guess) { space in
            let count = min(space.count, room)
            stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(count)
            status = inflate(stream, Z_SYNC_FLUSH)
            return count - Int(stream.pointee.avail_out)
        }
        try note(status)
        guard message.readableBytes <= limit else { throw WebSocketViolation(.messageTooBig, "message too big") }
        if stream.pointee.avail_out == 0 { return true }
        // Neither used nor added: it would go on for ever.
        if given > 0, stream.pointee.avail_in == given, added == 0 { throw Self.invalid }
        return stream.pointee.avail_in > 0
    }

    private func note(_ status: Int32) throws(WebSocketViolation) {
        switch status {
        case Z_OK:
            isAtBoundary = stream.pointee.data_type & 0x80 != 0 && stream.pointee.data_type & 0x3F == 0
        case Z_STREAM_END:
            // A final block. What follows is a stream of its own, which may refer to what came before.
            inflateResetKeep(stream)
            isAtBoundary = stream.pointee.avail_in == 0
        case Z_BUF_ERROR:
            break
        case Z_MEM_ERROR:
            throw WebSocketViolation(.internalError, "out of memory")
        default:
            throw Self.invalid
        }
    }

    private static let invalid = WebSocketViolation(.invalidPayload, "invalid compressed data")
}

@available(*, unavailable)
extension Inflater: Sendable {}
