import Core
import NIOCore

/// How the reading of a request's body ended. What came before is in the sink in every case.
enum BodyEnding: Sendable {
    /// The body is at its end, or the connection is.
    case end
    /// There was more than fits. What reached the room's end or went beyond has not been taken: it is not certain that
    /// the file is what its length says, so it must not become whole.
    case excess(Problem)
    /// The transfer was asked to let go.
    case revoked
    /// The store or the connection failed.
    case failed(any Error)
}

enum BodyReader {
    /// Reads a body into an upload from that offset on, as far as there is room.
    static func read<Body: AsyncSequence & Sendable>(
        _ body: Body, at offset: Int64, within room: BodyRoom, into sink: any UploadSink
    ) async -> (any UploadSink, BodyEnding) where Body.Element == ByteBuffer {
        var sink = sink
        var offset = offset
        var ending = BodyEnding.end
        /// The chunk that fills the room; taken once it is known that nothing follows.
        var last: ByteBuffer?
        do {
            for try await chunk in body where chunk.readableBytes > 0 {
                offset += Int64(chunk.readableBytes)
                let limit = room.limit
                if offset > limit.end { return (sink, .excess(limit.excess)) }
                if let held = last {
                    // There has come to be more room.
                    last = nil
                    try await sink.append(held, now: .now)
                }
                if offset == limit.end { last = chunk } else { try await sink.append(chunk, now: .now) }
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
