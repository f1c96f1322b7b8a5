import NIOCore

/// How the reading of a request's body ended. What came before is in the writer in every case.
enum BodyEnding: Sendable {
    /// The body is at its end, or the connection is.
    case end
    /// There was more than fits; what fits has been taken.
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
        do {
            for try await chunk in body {
                let fitting = Int(min(room, Int64(chunk.readableBytes)))
                if fitting > 0 {
                    try await writer.append(chunk.getSlice(at: chunk.readerIndex, length: fitting) ?? chunk, now: .now)
                }
                room -= Int64(fitting)
                if fitting < chunk.readableBytes { return (writer, .excess) }
                if Task.isCancelled { return (writer, .revoked) }
            }
            return (writer, Task.isCancelled ? .revoked : .end)
        } catch {
            return (writer, Task.isCancelled || error is UploadWriter.TakenOver ? .revoked : .failed(error))
        }
    }
}
