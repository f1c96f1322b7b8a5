import NIOCore

/// How the reading of a request's body ended. What came before is in the writer in every case.
enum BodyEnding: Sendable {
    /// The body is at its end, or the connection is.
    case end
    /// There was more than fits. What reached the room's end or went beyond has not been taken: it is not certain that
    /// the file is what its length says, so it must not become whole.
    case excess
    /// The transfer was asked to let go.
    case revoked
    /// The disk or the connection failed.
    case failed(any Error)
}

enum BodyReader {
    /// Reads a body into the upload's file, at most `room` bytes of it.
    static func read<Body: AsyncSequence & Sendable>(
        _ body: Body, room: Int64, into writer: UploadWriter
    ) async -> (UploadWriter, BodyEnding) where Body.Element == ByteBuffer {
        var writer = writer
        var room = room
        var ending = BodyEnding.end
        /// The chunk that fills the room; taken once it is known that nothing follows.
        var last: ByteBuffer?
        do {
            for try await chunk in body where chunk.readableBytes > 0 {
                room -= Int64(chunk.readableBytes)
                if room < 0 { return (writer, .excess) }
                if room == 0 { last = chunk } else { try await writer.append(chunk, now: .now) }
                if Task.isCancelled { break }
            }
        } catch {
            ending = .failed(error)
        }
        do {
            if let last { try await writer.append(last, now: .now) }
        } catch {
            ending = .failed(error)
        }
        if case .failed(is UploadWriter.TakenOver) = ending { return (writer, .revoked) }
        return (writer, Task.isCancelled ? .revoked : ending)
    }
}
