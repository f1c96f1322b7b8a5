import NIOCore
import Synchronization

/// Compressors for messages that refer to no other message, shared by all connections of the process.
///
/// Nobody waits: who finds all of them busy makes one of its own for that message.
final class DeflaterPool: Sendable {
    private final class Place: Sendable {
        let deflater = Mutex<Deflater?>(nil)
    }

    static let shared = DeflaterPool()

    private let places = (0..<8).map { _ in Place() }

    /// - Returns: The frame, or `nil` without memory.
    func frame(_ opcode: WebSocketFrames.Opcode, _ payload: ByteBuffer, _ settings: Deflater.Settings) -> ByteBuffer? {
        // Each window size starts at a place of its own, so that sizes do not drive each other out.
        for index in 0..<places.count {
            let place = places[(settings.windowBits + index) % places.count]
            let result: ByteBuffer?? = place.deflater.withLockIfAvailable { deflater in
                if deflater?.settings != settings { deflater = Deflater(settings) }
                return deflater.map { Self.frame(opcode, payload, $0) }
            }
            if let result { return result }
        }
        return Deflater(settings).map { Self.frame(opcode, payload, $0) }
    }

    private static func frame(_ opcode: WebSocketFrames.Opcode, _ payload: ByteBuffer, _ deflater: Deflater) -> ByteBuffer {
        deflater.reset()
        return WebSocketFrames.deflated(opcode, payload, by: deflater)
    }
}
