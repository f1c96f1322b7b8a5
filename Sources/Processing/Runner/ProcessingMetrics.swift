import Core
import Metrics

/// The numbers Processing shows at `/metrics`. Those of the queue are the same in every process of a fleet.
struct ProcessingMetrics: Sendable {
    private let factory: any MetricsFactory
    private let publication: Timer
    private let completion: Timer
    private let decoders: Counter
    private let running: Gauge

    /// - Parameter factory: keeps the numbers.
    init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        publication = Timer(label: "lumiere_processing_publication_seconds", factory: factory)
        completion = Timer(label: "lumiere_processing_completion_seconds", factory: factory)
        decoders = Counter(label: "lumiere_processing_decoders_started_total", factory: factory)
        running = Gauge(label: "lumiere_processing_jobs_running", factory: factory)
    }

    /// What the queue looks like.
    func counted(_ census: JobCensus, at now: Timestamp) {
        running.record(census.running)
        for (priority, line) in census.lines {
            let dimensions = [("priority", priority.name)]
            let age = line.oldest.map { max(0, now.milliseconds - $0.milliseconds) } ?? 0
            Gauge(label: "lumiere_processing_jobs_waiting", dimensions: dimensions, factory: factory).record(line.waiting)
            Gauge(label: "lumiere_processing_oldest_wait_seconds", dimensions: dimensions, factory: factory)
                .record(Double(age) / 1000)
        }
    }

    /// From the claim to the commit that lets the photo be shown.
    func published(after duration: Duration) { publication.record(duration: duration) }

    /// From the claim to the commit of the last rendition.
    func completed(after duration: Duration) { completion.record(duration: duration) }

    /// - Parameter isFinal: whether no further attempt follows.
    func failed(_ code: String, isFinal: Bool) {
        count("lumiere_processing_failures_total", [("code", code), ("final", isFinal ? "true" : "false")])
    }

    func decoderStarted() { decoders.increment() }

    /// A decoder that works is replaced.
    func decoderRecycled(_ reason: DecoderWear.Reason) {
        count("lumiere_processing_decoders_recycled_total", [("reason", reason.rawValue)])
    }

    /// A decoder died in the middle of a job, or had to be killed.
    func decoderLost(_ cause: DecoderConversation.End) {
        count("lumiere_processing_decoders_killed_total", [("reason", cause.name)])
    }

    private func count(_ label: String, _ dimensions: [(String, String)]) {
        Counter(label: label, dimensions: dimensions, factory: factory).increment()
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
