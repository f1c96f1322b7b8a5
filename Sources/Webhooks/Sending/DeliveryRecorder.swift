import Core

/// Writes down how an attempt ended, and what that means for the webhook.
struct DeliveryRecorder: Sendable {
    let failingLimit: Duration
    let metrics: WebhookMetrics
    private let webhooks = WebhookStore()
    private let deliveries = DeliveryStore()

    init(failingLimit: Duration, metrics: WebhookMetrics) {
        self.failingLimit = failingLimit
        self.metrics = metrics
    }

    /// Changes nothing when the claim has been lost.
    func record(
        _ entry: Delivery.Attempt, _ verdict: RetrySchedule.Verdict, of claim: ClaimedDelivery, at now: Timestamp,
        _ tx: any Transaction
    ) throws {
        let isCurrent = try webhooks.isCurrent(claim.webhook, tx)
        let verdict = isCurrent ? verdict : verdict.ofFormerURL
        let (state, due) = Self.next(verdict, now)
        guard try deliveries.record(entry, of: claim, state: state, due: due, at: now, tx) else { return }
        let duration = Duration.milliseconds(entry.duration)
        tx.afterCommit { [metrics] in metrics.attempted(verdict, after: duration) }
        guard isCurrent else { return }
        let id = claim.webhook.id
        switch verdict {
        case .delivered: try webhooks.recover(id, tx)
        case .retry: try webhooks.suffer(id, at: now, tx)
        case .gone: try disable(id, as: .gone, at: now, tx)
        case .givenUp:
            try webhooks.suffer(id, at: now, tx)
            // Only where a message has been through all its attempts: one failure long after another says nothing.
            try disable(id, as: .failing, failingSince: now - failingLimit, at: now, tx)
        }
    }

    private func disable(
        _ id: WebhookID, as state: Webhook.State, failingSince: Timestamp? = nil, at now: Timestamp, _ tx: any Transaction
    ) throws {
        guard try webhooks.disable(id, as: state, failingSince: failingSince, at: now, tx) else { return }
        try deliveries.cancelAll(of: id, at: now, tx)
        tx.afterCommit { [metrics] in metrics.disabled(state) }
    }

    private static func next(_ verdict: RetrySchedule.Verdict, _ now: Timestamp) -> (Delivery.State, Timestamp) {
        switch verdict {
        case .delivered: (.delivered, now)
        case .retry(let pause): (.pending, now + pause)
        case .givenUp, .gone: (.failed, now)
        }
    }
}
