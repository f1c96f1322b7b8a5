import Metrics

/// What Ingest counts.
struct IngestMetrics: Sendable {
    private let bytes = Counter(label: "lumiere_upload_bytes_total")
    private let newUploads = Counter(label: "lumiere_uploads_created_total")
    private let transfers = Meter(label: "lumiere_upload_transfers_active")
    private let completed = Counter(label: "lumiere_uploads_settled_total", dimensions: [("outcome", "created")])
    private let duplicates = Counter(label: "lumiere_uploads_settled_total", dimensions: [("outcome", "duplicate")])
    private let failed = Counter(label: "lumiere_uploads_settled_total", dimensions: [("outcome", "failed")])
    private let expired = Counter(label: "lumiere_uploads_settled_total", dimensions: [("outcome", "expired")])
    private let originals = Counter(label: "lumiere_originals_restored_total")

    /// A transfer has begun.
    func transferBegan() { transfers.increment() }

    /// A transfer is over.
    func transferEnded() { transfers.decrement() }

    func arrived(bytes count: Int64) { bytes.increment(by: count) }

    func created() { newUploads.increment() }

    /// An original that the object store had lost is there again.
    func restored() { originals.increment() }

    enum Outcome { case created, duplicate, failed, expired }

    func settled(_ outcome: Outcome, count: Int = 1) {
        switch outcome {
        case .created: completed.increment(by: count)
        case .duplicate: duplicates.increment(by: count)
        case .failed: failed.increment(by: count)
        case .expired: expired.increment(by: count)
        }
    }
}
