import Core

/// An account's wish to be told of what happens in one of its sessions, or in all of them.
struct Webhook: Sendable, Equatable {
    /// Whether it is told anything.
    enum State: String, Sendable, Codable, CaseIterable, SQLConvertible {
        case enabled
        /// Its owner wants it so.
        case disabled
        /// Its receiver answered 410: it wants nothing any more.
        case gone
        /// Nothing got through for days.
        case failing
    }

    var id: WebhookID
    var ownerID: UserID
    /// `nil`: every session that its owner manages.
    var sessionID: SessionID?
    /// What its owner calls it.
    var name: String
    var url: WebhookURL
    /// Grows when the URL changes, so that what an old one answers is not held against the new one.
    var generation = 0
    var events: Set<HookEvent>
    var secret: WebhookSecret
    /// Signs as well until `previousUntil`.
    var previousSecret: WebhookSecret?
    var previousUntil: Timestamp?
    var state: State
    /// Since the first of the failures that no success came after.
    var failingSince: Timestamp?
    var createdAt: Timestamp
    var updatedAt: Timestamp

    /// What signs a message at that moment, the newest secret first.
    func secrets(at now: Timestamp) -> [WebhookSecret] {
        guard let previousSecret, let previousUntil, now < previousUntil else { return [secret] }
        return [secret, previousSecret]
    }
}
