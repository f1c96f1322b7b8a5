import Core
import Logging

/// Finds what nobody else will: uploads that rested too long, that a crash left unsettled, or that are long over.
struct UploadSweeper: Sendable {
    static let page = 100
    /// How long an upload that is whole may take to say so.
    static let patience = Duration.seconds(60)

    let store: UploadStore
    let bytes: any UploadBytes
    let queue: SettlementQueue
    let configuration: IngestConfiguration
    /// Does not let uploads expire because a clock was set.
    let clock: ExpiryClock
    /// The other nodes; `nil` when there are none.
    let watch: LeaseWatch?
    let metrics: IngestMetrics

    /// One round, in bounded batches; what a round leaves, the next one finds.
    func sweep() async throws {
        let now = clock.now()
        while true {
            let expired = try await store.expire(at: now, limit: Self.page)
            metrics.settled(.expired, count: expired.count)
            if expired.count < Self.page { break }
        }
        while try await store.completeWhole(restingSince: now - Self.patience, at: now, limit: Self.page) == Self.page {}
        try await enqueueUnsettled()
        try await enqueueJoinable()
        let oldest = now - configuration.endedKeptFor
        while try await store.prune(endedBefore: oldest, limit: Self.page) == Self.page {}
    }

    /// After a start: uploads whose last byte arrived, but whose last request was cut short before it was recorded.
    /// - Parameter refresh: makes sure of an upload's offset, as if its client had asked.
    func recover(_ refresh: @Sendable (UploadID) async throws -> Void) async throws {
        var last = ""
        while true {
            let uploads = try await store.receiving(after: last, limit: Self.page)
            for upload in uploads where try await isWhole(upload) { try await refresh(upload.id) }
            guard uploads.count == Self.page, let id = uploads.last?.id else { return }
            last = id.description
        }
    }

    private func isWhole(_ upload: Upload) async throws -> Bool {
        if upload.isWhole { return true }
        return try await bytes.seemsWhole(upload)
    }

    /// Takes up what a node that died was settling or about to settle.
    func relieve() async throws {
        guard let watch else { return }
        for id in watch.look(try await store.leases(limit: LeaseWatch.limit)) { await queue.enqueue(id) }
    }

    private func enqueueUnsettled() async throws {
        try await enqueue { try await store.unsettled(after: $0, limit: Self.page) }
    }

    /// Final uploads whose parts have all come to an end, though whoever noticed it could not say so.
    private func enqueueJoinable() async throws {
        try await enqueue { try await store.joinable(after: $0, limit: Self.page) }
    }

    private func enqueue(_ page: (_ last: String) async throws -> [UploadID]) async throws {
        var last = ""
        while true {
            let ids = try await page(last)
            for id in ids { guard await queue.enqueue(id) else { return } }
            guard ids.count == Self.page, let id = ids.last else { return }
            last = id.description
        }
    }
}
