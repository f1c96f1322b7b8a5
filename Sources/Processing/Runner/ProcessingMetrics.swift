import Core
import Metrics

/// The numbers Processing shows at `/metrics`. Those of the queue are the same in every process of a fleet.
struct ProcessingMetrics: Sendable {
    private let publication = Timer(label: "lumiere_processing_publication_seconds")
    private let completion = Timer(label: "lumiere_processing_completion_seconds")
    private let decoders = Counter(label: "lumiere_processing_decoders_started_total")
    private let running = Gauge(label: "lumiere_processing_jobs_running")

    /// What the queue looks like.
    func counted(_ census: JobCensus, at now: Timestamp) {
        running.record(census.running)
        for (priority, line) in census.lines {
            let dimensions = [("priority", priority.name)]
            Gauge(label: "lumiere_processing_jobs_waiting", dimensions: dimensions).record(line.waiting)
            let age = line.oldest.map { max(0, now.milliseconds - $0.milliseconds) } ?? 0
            Gauge(label: "lumiere_processing_oldest_wait_seconds", dimensions: dimensions).record(Double(age) / 1000)
        }
    }

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

    /// A decoder that works is replaced.
    func decoderRecycled(_ reason: DecoderWear.Reason) {
        Counter(label: "lumiere_processing_decoders_recycled_total", dimensions: [("reason", reason.rawValue)]).increment()
    }

    /// A decoder died in the middle of a job, or had to be killed.
    func decoderLost(_ cause: DecoderConversation.End) {
        Counter(label: "lumiere_processing_decoders_killed_total", dimensions: [("reason", cause.name)]).increment()
    }
}

extension DecoderConversation.End {
    fileprivate var name: String {
        switch self {
        case .exited: "crashed"
        case .violation: "violation"
        case .timedOut: "timed_out"
        case .interrupted: "interrupted"
        }
    }
}
