import Core
import NIOCore
import TestSupport

@testable import Ingest

/// A body without a length on its way into an upload without one, whose sender is told of what is safe.
struct ToldBody: Sendable {
    let id: UploadID
    let feed: ByteStream.Continuation
    let running: Task<Upload, any Error>
    private let confirmed: Inbox<Int64>

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

    /// Sends bytes and waits until they are safe.
    func send(_ bytes: ByteBuffer, until offset: Int) async throws {
        feed.yield(bytes)
        try await confirmed.wait(for: "offset \(offset)") { offsets, _ in offsets.last == Int64(offset) ? () : nil }
    }
}

extension House {
    /// Waits until bytes of an upload have come.
    func hasBegun(_ id: UploadID) async throws {
        try await eventually("bytes of \(id)") { events.events.contains { $0.data.contains(id.description) } ? () : nil }
    }
}
