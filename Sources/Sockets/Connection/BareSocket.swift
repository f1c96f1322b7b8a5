import Glibc
import NIOCore

/// The socket below a channel, for frames that are alone in their turn of the event loop: they go into it without a detour through
/// the pipeline, as long as nothing waits in the channel that they would overtake.
///
/// Whoever fans out to thousands writes one frame to each of them in a turn, and the detour costs as much as the write.
struct BareSocket {
    private let descriptor: NIOBSDSocket.Handle
    /// The first frame of this turn.
    private(set) var held: ByteBuffer?
    /// Flushes of the channel that may not have brought everything to the socket yet.
    private var flushes = 0

    /// `nil` if the channel has none.
    init?(below channel: any Channel) {
        let found = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        guard let descriptor = found else { return nil }
        self.descriptor = descriptor
    }

    /// Whether nothing waits in the channel.
    var isFree: Bool { flushes == 0 }

    /// Keeps the frame until the end of the turn.
    /// - Returns: whether it may be sent without the channel; if not, nothing has changed.
    mutating func hold(_ frame: ByteBuffer) -> Bool {
        guard isFree, held == nil else { return false }
        held = frame
        return true
    }

    /// The frame has to go through the channel.
    mutating func release() -> ByteBuffer? { held.take() }

    /// Sends the frame that is held, as far as there is room.
    /// - Returns: what was not taken, even if that is for an error, which the channel will come across, too; `nil` if nothing is left.
    mutating func sendHeld() -> ByteBuffer? {
        guard var frame = held.take() else { return nil }
        let sent = frame.withUnsafeReadableBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        frame.moveReaderIndex(forwardBy: max(0, sent))
        return frame.readableBytes == 0 ? nil : frame
    }

    /// The channel is being flushed.
    mutating func flushBegan() { flushes += 1 }

    /// The channel has been flushed so far.
    mutating func flushEnded() { flushes -= 1 }
}
