import AsyncHTTPClient
import Core
import Glibc
import NIOCore
import NIOHTTP1
import Synchronization

/// One pass over an object's bytes. When the connection breaks it asks for the rest, and gives up only when several such
/// attempts in a row have brought nothing.
final class S3Reader {
    private let opening: S3Opening
    private let client: S3Client
    private var chunks: HTTPClientResponse.Body.AsyncIterator?
    private var position: Int64
    private var failures = 0

    init(_ opening: S3Opening, body: HTTPClientResponse.Body?, _ client: S3Client) {
        self.opening = opening
        self.client = client
        position = opening.range.lowerBound
        chunks = body?.makeAsyncIterator()
    }

    /// The next chunk; `nil` at the end.
    func next() async throws -> ByteBuffer? {
        while position < opening.range.upperBound {
            do {
                if let chunk = try await chunk() { return chunk }
            } catch let failure as S3Failure {
                throw failure.error(for: opening.key)
            } catch let error where Task.isCancelled || error is CancellationError {
                throw CancellationError()
            } catch let error as ObjectStoreError {
                throw error
            } catch {
                // A connection that broke: the loop asks for the rest.
            }
            try await interrupted()
        }
        // Having seen its end, the connection can be used again.
        if var source = chunks { _ = try? await source.next() }
        chunks = nil
        return nil
    }

    private func chunk() async throws -> ByteBuffer? {
        var source = if let chunks { chunks } else { try await reopen() }
        guard var chunk = try await source.next() else { return nil }
        chunks = source
        let rest = opening.range.upperBound - position
        if Int64(chunk.readableBytes) > rest { chunk.moveWriterIndex(to: chunk.readerIndex + Int(rest)) }
        position += Int64(chunk.readableBytes)
        failures = 0
        return chunk
    }

    private func interrupted() async throws {
        chunks = nil
        failures += 1
        guard failures < client.policy.attempts else {
            throw ObjectStoreError.unavailable("GET \(opening.key): cut off again and again")
        }
        try await client.backOff(failures)
    }

    private func reopen() async throws -> HTTPClientResponse.Body.AsyncIterator {
        let rest = try await Self.open(opening.key, position..<opening.range.upperBound, client, version: opening.etag)
        return rest.body.makeAsyncIterator()
    }

    /// Asks for a range, or for all.
    /// - Parameter version: the ETag the object has to have.
    /// - Throws: `ObjectStoreError`; `.system(ESTALE, ...)` when it is another version by now.
    static func open(
        _ key: ObjectKey, _ range: Range<Int64>?, _ client: S3Client, version: String? = nil
    ) async throws -> S3Opening {
        var request = S3Request(method: .GET, key: key.text)
        if let range { request.headers.append(("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")) }
        if let version { request.headers.append(("if-match", version)) }
        do {
            return try await client.perform(request) { try S3Opening(key, range, $0) }
        } catch let failure as S3Failure {
            if failure.hasStatus(416) { throw ObjectStoreError.system(EINVAL, "range") }
            if failure.hasStatus(412) { throw ObjectStoreError.system(ESTALE, "GET \(key): replaced while it was read") }
            throw failure.error(for: key)
        }
    }
}

extension S3Opening {
    /// The bytes. The first pass goes on with the connection there is, later ones ask again.
    func stream(_ client: S3Client) -> ByteStream {
        let unread = UnreadBody(body)
        return ByteStream {
            let reader = S3Reader(self, body: unread.take(), client)
            return { try await reader.next() }
        }
    }
}

/// A body that can be read once.
private final class UnreadBody: Sendable {
    private let body: Mutex<HTTPClientResponse.Body?>

    init(_ body: HTTPClientResponse.Body) { self.body = Mutex(body) }

    func take() -> HTTPClientResponse.Body? {
        body.withLock { body in
            defer { body = nil }
            return body
        }
    }
}
