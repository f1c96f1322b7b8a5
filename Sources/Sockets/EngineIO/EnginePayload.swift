import NIOCore

/// The body of a polling request or response: packets with a record separator between them.
enum EnginePayload {
    static let separator: UInt8 = 0x1E

    /// Reads a whole body, or nothing of it.
    /// - Returns: `nil` if a part of it is no packet, if it is not UTF-8, or if it holds more than `maxPackets`.
    static func decode(_ body: ByteBuffer, maxPackets: Int) -> [EnginePacket]? {
        var validator = UTF8Validator()
        guard validator.append(body.readableBytesView), validator.isComplete else { return nil }
        var packets: [EnginePacket] = []
        var rest: ByteBuffer? = body
        while let text = rest {
            guard packets.count < maxPackets else { return nil }
            let end = text.readableBytesView.firstIndex(of: separator)
            guard let piece = text.getSlice(at: text.readerIndex, length: (end ?? text.writerIndex) - text.readerIndex),
                let packet = EnginePacket(piece: piece)
            else { return nil }
            packets.append(packet)
            rest = end.flatMap { text.getSlice(at: $0 + 1, length: text.writerIndex - $0 - 1) }
        }
        return packets
    }

    /// The body that carries these frames.
    static func join(_ frames: [EngineFrame]) -> ByteBuffer {
        let pieces = frames.map(\.piece)
        guard pieces.count != 1 else { return pieces[0] }
        let length = pieces.reduce(0) { $0 + $1.readableBytes + 1 }
        var body = ByteBufferAllocator().buffer(capacity: length)
        for (index, piece) in pieces.enumerated() {
            if index > 0 { body.writeInteger(separator) }
            body.writeImmutableBuffer(piece)
        }
        return body
    }
}
