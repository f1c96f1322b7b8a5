import Core
import Metrics

/// The numbers webhooks show at `/metrics`.
struct WebhookMetrics: Sendable {
    /// Shows how many messages are not sent yet.
    let waiting: @Sendable (_ count: Int) -> Void
    private let answers = Timer(label: "lumiere_webhooks_attempt_seconds")

    /// - Parameter waiting: takes the number of messages that are not sent yet.
    init(waiting: @escaping @Sendable (_ count: Int) -> Void = Self.gauge()) { self.waiting = waiting }

    /// One for all servers of a fleet, which count the same rows.
    private static func gauge() -> @Sendable (_ count: Int) -> Void {
        let gauge = Gauge(label: "lumiere_webhooks_waiting")
        return { gauge.record($0) }
    }

    func attempted(_ verdict: RetrySchedule.Verdict, after duration: Duration) {
        answers.record(duration: duration)
        Counter(label: "lumiere_webhooks_attempts_total", dimensions: [("outcome", Self.name(verdict))]).increment()
    }

    func disabled(_ state: Webhook.State) {
        Counter(label: "lumiere_webhooks_disabled_total", dimensions: [("reason", state.rawValue)]).increment()
    }

    private static func name(_ verdict: RetrySchedule.Verdict) -> String {
        switch verdict {
        case .delivered: "delivered"
        case .retry: "retry"
        case .givenUp: "given_up"
        case .gone: "gone"
        }
    }
}
