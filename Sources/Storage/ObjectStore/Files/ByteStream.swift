import NIOCore

/// Bytes in chunks, fetched as they are asked for: whoever stops asking stops the source.
public struct ByteStream: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer

    /// One pass over the bytes.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let take: () async throws -> ByteBuffer?

        public mutating func next() async throws -> ByteBuffer? { try await take() }
    }

    private let begin: @Sendable () -> () async throws -> ByteBuffer?

    /// - Parameter begin: starts a pass; what it returns gives the next chunk, `nil` at the end.
    init(_ begin: @escaping @Sendable () -> () async throws -> ByteBuffer?) { self.begin = begin }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(take: begin()) }
}
