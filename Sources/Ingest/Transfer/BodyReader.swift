import NIOCore

/// How the reading of a request's body ended. What came before is in the sink in every case.
enum BodyEnding: Sendable {
    /// The body is at its end, or the connection is.
    case end
    /// There was more than fits. What reached the room's end or went beyond has not been taken: it is not certain that
    /// the file is what its length says, so it must not become whole.
    case excess
    /// The transfer was asked to let go.
    case revoked
    /// The store or the connection failed.
    case failed(any Error)
}

enum BodyReader {
    /// Reads a body into an upload, at most `room` bytes of it.
    static func read<Body: AsyncSequence & Sendable>(
        _ body: Body, room: Int64, into sink: any UploadSink
    ) async -> (any UploadSink, BodyEnding) where Body.Element == ByteBuffer {
        var sink = sink
        var room = room
        var ending = BodyEnding.end
        /// The chunk that fills the room; taken once it is known that nothing follows.
        var last: ByteBuffer?
        do {
            for try await chunk in body where chunk.readableBytes > 0 {
                room -= Int64(chunk.readableBytes)
                if room < 0 { return (sink, .excess) }
                if room == 0 { last = chunk } else { try await sink.append(chunk, now: .now) }
                if Task.isCancelled { break }
            }
        } catch {
            ending = .failed(error)
        }
        do {
            if let last { try await sink.append(last, now: .now) }
        } catch {
            ending = .failed(error)
        }
        if case .failed(is TakenOver) = ending { return (sink, .revoked) }
        return (sink, Task.isCancelled ? .revoked : ending)
    }
}
