import Core
import NIOConcurrencyHelpers
import NIOCore
import TestSupport

@testable import Ingest

/// A body without a length on its way into an upload without one, whose sender is told of what is safe.
struct ToldBody: Sendable {
    let id: UploadID
    let feed: ByteStream.Continuation
    let running: Task<Upload, any Error>
    private let confirmed: Inbox<Int64>
    private let sent = NIOLockedValueBox<Int64>(1)

    /// Bytes that are safe at least, and those that have been sent.
    var range: ClosedRange<Int64> { (confirmed.elements.last ?? 0)...sent.withLockedValue { $0 } }

    /// Begins with one byte.
    init(_ house: House, _ ingest: Ingest, _ creation: UploadCreation? = nil) async throws {
        let id = try await ingest.create(creation ?? house.creation(nil))
        let (stream, feed) = ByteStream.makeStream()
        let confirmed = Inbox<Int64>()
        let incoming = IngestService.Incoming(body: stream, confirmed: { confirmed.push($0) })
        self.id = id
        self.feed = feed
        self.confirmed = confirmed
        self.running = Task { try await ingest.patch(id, at: 0, incoming) }
        feed.yield(ByteBuffer(bytes: [0]))
        try await house.hasBegun(id)
    }

    /// Sends bytes and waits until they are safe. More may have to follow for that: a checkpoint begins with some.
    func send(_ bytes: ByteBuffer) async throws {
        feed.yield(bytes)
        let offset = sent.withLockedValue { sent in
            sent += Int64(bytes.readableBytes)
            return sent
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await confirmed.wait(for: "offset \(offset)", within: .milliseconds(300)) { offsets, _ in
                    offsets.last ?? 0 >= offset ? () : nil
                }
            } catch {
                if ContinuousClock.now > deadline { throw error }
                feed.yield(ByteBuffer(bytes: [0]))
                sent.withLockedValue { $0 += 1 }
            }
        }
    }
}

extension House {
    /// Waits until bytes of an upload have come.
    func hasBegun(_ id: UploadID) async throws {
        try await eventually("bytes of \(id)") { events.events.contains { $0.data.contains(id.description) } ? () : nil }
    }
}
