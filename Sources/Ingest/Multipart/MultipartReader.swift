import Core
import NIOCore

/// Reads a multipart body part by part, from one request. Whoever asks for the next part has read the one before.
actor MultipartReader<Body: AsyncSequence & Sendable> where Body.Element == ByteBuffer {
    private static var maxEpilogue: Int { 4096 }

    private var chunks: Body.AsyncIterator
    private var parser: MultipartParser
    private var isInPart = false
    /// The first bytes of the part, when they were looked for before they were wanted.
    private var ahead: ByteBuffer?
    /// Why nothing more can be read.
    private(set) var failure: Problem?

    init(_ body: Body, _ parser: MultipartParser) {
        self.chunks = body.makeAsyncIterator()
        self.parser = parser
    }

    /// The next part, when the one before has been read to its end.
    /// - Throws: `Problem` 400 `bad_multipart` or `incomplete_body`.
    func nextPart() async throws -> MultipartHeader? {
        switch try await next() {
        case .part(let header):
            isInPart = true
            return header
        case .end:
            await passEpilogue()
            return nil
        case .bytes, .partEnd: throw Problem.multipart("a part was left unread")
        }
    }

    /// The next bytes of the part; `nil` at its end.
    func nextBytes() async throws -> ByteBuffer? {
        guard isInPart else { return nil }
        if let bytes = ahead.take() { return bytes }
        if case .bytes(let bytes) = try await next() { return bytes }
        isInPart = false
        return nil
    }

    /// Whether any bytes of the part are left. One that is empty has been read to its end by then.
    func hasBytes() async throws -> Bool {
        ahead = try await nextBytes()
        return ahead != nil
    }

    /// A short field's whole text.
    func text(limit: Int) async throws -> String {
        var content = ByteBuffer()
        while let bytes = try await nextBytes() {
            guard content.readableBytes + bytes.readableBytes <= limit else { throw Problem.multipart("a field is too long") }
            content.writeImmutableBuffer(bytes)
        }
        return String(buffer: content)
    }

    /// Reads what is left of a part for nothing.
    /// - Returns: how many bytes; `nil` when there are more than `limit`.
    func skip(limit: Int) async throws -> Int? {
        var count = 0
        while let bytes = try await nextBytes() {
            count += bytes.readableBytes
            if count > limit { return nil }
        }
        return count
    }

    /// Reads what little may follow the last delimiter, so that the connection is good for another request.
    private func passEpilogue() async {
        var room = Self.maxEpilogue
        while room >= 0, let chunk = try? await nextChunk() { room -= chunk.readableBytes }
    }

    private func nextChunk() async throws -> ByteBuffer? {
        var chunks = chunks
        defer { self.chunks = chunks }
        return try await chunks.next(isolation: self)
    }

    private func next() async throws -> MultipartParser.Event {
        if let failure { throw failure }
        do {
            while true {
                if let event = try parser.next() { return event }
                guard let chunk = try await nextChunk() else { throw TusMachine.incompleteBody }
                parser.append(chunk)
            }
        } catch {
            failure = error as? Problem ?? TusMachine.incompleteBody
            throw error
        }
    }

    /// The bytes of the part at hand, as a request's body.
    nonisolated var part: PartBody<Body> { PartBody(reader: self) }
}

/// One part's bytes.
struct PartBody<Body: AsyncSequence & Sendable>: AsyncSequence, Sendable where Body.Element == ByteBuffer {
    let reader: MultipartReader<Body>

    struct AsyncIterator: AsyncIteratorProtocol {
        let reader: MultipartReader<Body>
        mutating func next() async throws -> ByteBuffer? { try await reader.nextBytes() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }
}
