import Core

/// A message to a webhook, and what has become of it so far.
struct Delivery: Sendable, Equatable {
    enum State: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Waits for its next attempt, or is being sent.
        case pending
        /// Answered by 2xx.
        case delivered
        /// Given up.
        case failed
        /// Not to be sent any more.
        case cancelled
    }

    /// Why a message was ended before it had all its attempts.
    enum Reason: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Its webhook was disabled, by its owner or by what its receiver answered.
        case webhookDisabled = "webhook_disabled"
        /// Its webhook's owner does not manage the session any more.
        case notManager = "not_manager"
        /// What was stored of it or of its webhook is damaged.
        case unreadable
    }

    var id: DeliveryID
    var webhookID: WebhookID
    /// `HookEvent` or `HookEvent.ping`.
    var type: String
    var state: State
    var reason: Reason?
    /// Begun since it was written or sent again by hand.
    var attempts: Int
    /// The latest attempts, the oldest first.
    var log: [Attempt]
    /// While it is pending.
    var dueAt: Timestamp
    var createdAt: Timestamp

    /// One try.
    struct Attempt: Sendable, Equatable, Codable {
        var at: Timestamp
        /// What the receiver answered.
        var status: Int?
        /// Why there was no answer.
        var error: SendingFailure?
        /// Milliseconds.
        var duration: Int64
    }
}
