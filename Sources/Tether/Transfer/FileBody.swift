import NIOCore
import NIOPosix

/// A part of a file as a request's body: read piece by piece as the network takes it, on threads that may wait.
struct FileBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// The file is shorter than it was.
    struct Shrunk: Error {}

    static let piece = 128 << 10

    let file: OpenedFile
    let offset: Int64
    let count: Int64
    let threads: NIOThreadPool
    let gauge: TransferGauge

    func makeAsyncIterator() -> Iterator { Iterator(body: self, position: offset) }

    struct Iterator: AsyncIteratorProtocol {
        let body: FileBody
        var position: Int64

        mutating func next() async throws -> ByteBuffer? {
            let left = body.offset + body.count - position
            // What is asked for beyond the end tells that all of it was taken.
            body.gauge.show(left > 0 ? .sending : .confirming, position)
            guard left > 0 else { return nil }
            let (file, from, count) = (body.file, position, Int(Swift.min(left, Int64(FileBody.piece))))
            let buffer = try await body.threads.runIfActive {
                var buffer = ByteBuffer()
                try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: from)
                }
                return buffer
            }
            guard buffer.readableBytes == count else { throw Shrunk() }
            position += Int64(count)
            return buffer
        }
    }
}
