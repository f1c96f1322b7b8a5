import Core
import Metrics

/// The numbers Processing shows at `/metrics`.
struct ProcessingMetrics: Sendable {
    private let waiting = Gauge(label: "lumiere_processing_jobs_waiting")
    private let publication = Timer(label: "lumiere_processing_publication_seconds")
    private let completion = Timer(label: "lumiere_processing_completion_seconds")
    private let decoders = Counter(label: "lumiere_processing_decoders_started_total")

    /// - Parameter count: jobs in the queue.
    func queueDepth(_ count: Int) { waiting.record(count) }

    /// From the claim to the commit that lets the photo be shown.
    func published(after duration: Duration) { publication.record(duration: duration) }

    /// From the claim to the commit of the last rendition.
    func completed(after duration: Duration) { completion.record(duration: duration) }

    /// - Parameter isFinal: whether no further attempt follows.
    func failed(_ code: String, isFinal: Bool) {
        Counter(
            label: "lumiere_processing_failures_total", dimensions: [("code", code), ("final", isFinal ? "true" : "false")]
        ).increment()
    }

    func decoderStarted() { decoders.increment() }
}
