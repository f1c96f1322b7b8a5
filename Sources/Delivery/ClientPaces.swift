import Core
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import NIOCore
import WebServer

/// Keeps what each client is sent of media within a rate, however many connections it has.
///
/// It has an entry for each client that was sent something within the last second or has bytes waiting, and sweeps out the
/// others now and then: these would be as new.
final class ClientPaces: Sendable {
    private struct State {
        var buckets: [[UInt8]: TokenBucket] = [:]
        var sweepsAt = 1024
    }

    /// Bytes that go at a time: several times a second, and in no more writes than that takes.
    let slice: Int
    private let rate: Double
    private let state = NIOLockedValueBox(State())

    /// - Parameter rate: bytes per second; `nil` comes of 0, which is no limit.
    init?(bytesPerSecond rate: Int) {
        guard rate > 0 else { return nil }
        self.rate = Double(rate)
        slice = min(256 << 10, max(1024, rate / 8))
    }

    /// Has an answer's body sent at its client's pace; the kernel knows none.
    /// - Parameter address: who the client is; of a whole /64 in IPv6, which is what one subscriber has.
    func hold(_ reply: inout Reply, to address: String) {
        let (client, body) = (Self.key(address), reply.body)
        reply.file = nil
        reply.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(PacedWriter(writer, slice: self.slice) { count in
                let wait = self.take(count, client, at: .now)
                if wait > .zero { try await Task.sleep(for: wait) }
            })
        }
    }

    /// How long some bytes have to wait.
    func take(_ count: Int, _ client: [UInt8], at now: ContinuousClock.Instant) -> Duration {
        state.withLockedValue { state in
            if state.buckets[client] == nil, state.buckets.count >= state.sweepsAt {
                state.buckets = state.buckets.filter { !$0.value.isFull(at: now) }
                state.sweepsAt = max(1024, state.buckets.count * 2)
            }
            return state.buckets[client, default: TokenBucket(rate: rate, at: now)].take(count, at: now)
        }
    }

    /// Clients that are remembered.
    var count: Int { state.withLockedValue { $0.buckets.count } }

    private static func key(_ address: String) -> [UInt8] {
        IPAddress(address).map { Array($0.unmapped.bytes.prefix(8)) } ?? Array(address.utf8)
    }
}

/// Passes bytes on in slices, each when it may go.
private struct PacedWriter: ResponseBodyWriter {
    private var base: any ResponseBodyWriter
    private let slice: Int
    private let wait: @Sendable (Int) async throws -> Void

    init(_ base: any ResponseBodyWriter, slice: Int, wait: @escaping @Sendable (Int) async throws -> Void) {
        (self.base, self.slice, self.wait) = (base, slice, wait)
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let piece = rest.readSlice(length: min(slice, rest.readableBytes)), piece.readableBytes > 0 {
            try await wait(piece.readableBytes)
            try await base.write(piece)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await base.finish(trailingHeaders) }
}
