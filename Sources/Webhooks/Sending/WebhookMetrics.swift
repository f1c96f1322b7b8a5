import Core
import Metrics

/// The numbers webhooks show at `/metrics`.
struct WebhookMetrics: Sendable {
    private let waiting = Gauge(label: "lumiere_webhooks_waiting")
    private let answers = Timer(label: "lumiere_webhooks_attempt_seconds")

    /// - Parameter count: messages that are not sent yet.
    func waiting(_ count: Int) { waiting.record(count) }

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
