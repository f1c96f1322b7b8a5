import Core
import WebServer

struct WebhookInput: WireType {
    let name: String?
    let url: String
    let events: [HookEvent]
    let sessionId: SessionID?
    let enabled: Bool?

    /// Characters.
    static let longestName = 100

    static let event: Schema = .oneOf(HookEvent.allCases.map(\.rawValue))
    static let events: Schema = .array(of: event, count: 1...HookEvent.allCases.count)

    static let schema: Schema = .object([
        .optional("name", .string(0...longestName)),
        .field("url", .string(1...WebhookURL.mostBytes), "`https` or `http`, to a public address."),
        .field("events", events, "What to be told of."),
        .optional("sessionId", .formatted(.uuid), "One session that you manage; absent for all of them."),
        .optional("enabled", .boolean, "True unless said."),
    ])

    var wish: WebhookService.Wish {
        WebhookService.Wish(
            name: name ?? "", url: url, events: events, sessionID: sessionId, isEnabled: enabled ?? true)
    }
}

struct WebhookView: WireType {
    /// As in `Webhook.State`, and one for what cannot be read.
    enum State: String, Sendable, Codable, CaseIterable {
        case enabled, disabled, gone, failing, unreadable

        init(_ state: Webhook.State) {
            switch state {
            case .enabled: self = .enabled
            case .disabled: self = .disabled
            case .gone: self = .gone
            case .failing: self = .failing
            }
        }
    }

    let id: WebhookID
    let name: String
    let url: String
    let events: [HookEvent]
    let sessionId: SessionID?
    let state: State
    let failingSince: Timestamp?
    let previousSecretUntil: Timestamp?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    init(_ webhook: Webhook) {
        id = webhook.id
        name = webhook.name
        url = webhook.url.text
        events = HookEvent.allCases.filter(webhook.events.contains)
        sessionId = webhook.sessionID
        state = State(webhook.state)
        failingSince = webhook.failingSince
        previousSecretUntil = webhook.previousUntil
        createdAt = webhook.createdAt
        updatedAt = webhook.updatedAt
    }

    init(_ stored: StoredWebhook) {
        switch stored {
        case .readable(let webhook): self.init(webhook)
        case .unreadable(let remains): self.init(remains)
        }
    }

    private init(_ remains: StoredWebhook.Remains) {
        id = remains.id
        name = remains.name
        url = remains.url
        events = []
        sessionId = nil
        state = .unreadable
        failingSince = nil
        previousSecretUntil = nil
        createdAt = remains.createdAt
        updatedAt = remains.updatedAt
    }

    static let fields: [Schema.Field] = [
        .field("id", .formatted(.uuid)), .field("name", .string(0...WebhookInput.longestName)), .field("url", .string()),
        .field("events", .array(of: WebhookInput.event, count: 0...HookEvent.allCases.count), "None of one that is `unreadable`."),
        .optional("sessionId", .formatted(.uuid), "Absent for all your sessions."),
        .field(
            "state", .oneOf(State.allCases.map(\.rawValue)),
            """
            `disabled` by you, `gone` since the receiver answered 410, `failing` since nothing got through for days; `unreadable` \
            when it was damaged where it is stored: delete it.
            """),
        .optional("failingSince", .formatted(.dateTime), "The first failure that no success came after."),
        .optional("previousSecretUntil", .formatted(.dateTime), "Until then the secret before this one signs as well."),
        .field("createdAt", .formatted(.dateTime)), .field("updatedAt", .formatted(.dateTime)),
    ]

    static let schema: Schema = .object(fields)
}

/// With the secret, which is shown only when it is made.
struct NewSecretView: WireType {
    let webhook: WebhookView
    let secret: String

    init(_ webhook: Webhook) {
        self.webhook = WebhookView(webhook)
        secret = webhook.secret.text.reveal
    }

    static let schema: Schema = .object([
        .field("webhook", WebhookView.schema),
        .field("secret", .string(), "`whsec_…`: verifies signatures; cannot be shown again."),
    ])
}

struct DeliveryView: WireType {
    let id: DeliveryID
    let type: String
    let state: Delivery.State
    let reason: Delivery.Reason?
    let attempts: [Delivery.Attempt]
    let nextAttemptAt: Timestamp?
    let createdAt: Timestamp

    init(_ delivery: Delivery) {
        id = delivery.id
        type = delivery.type
        state = delivery.state
        reason = delivery.reason
        attempts = delivery.log
        // Of what has not been tried yet no time is known: it is sent as soon as may be.
        nextAttemptAt = delivery.state == .pending && delivery.dueAt > DeliveryStore.atOnce ? delivery.dueAt : nil
        createdAt = delivery.createdAt
    }

    static let schema: Schema = .object([
        .field("id", .formatted(.uuid), "`webhook-id`, the same in every attempt."),
        .field("type", .string()),
        .field("state", .oneOf(Delivery.State.allCases.map(\.rawValue))),
        .optional("reason", .oneOf(Delivery.Reason.allCases.map(\.rawValue)), "Why it was ended before it had all its attempts."),
        .field("attempts", .array(of: attempt, count: 0...DeliveryStore.longestLog), "The latest, the oldest first."),
        .optional("nextAttemptAt", .formatted(.dateTime), "Absent when it is sent as soon as may be, or no more."),
        .field("createdAt", .formatted(.dateTime)),
    ])

    private static let attempt: Schema = .object([
        .field("at", .formatted(.dateTime)),
        .optional("status", .integer(100...999), "What the receiver answered."),
        .optional("error", .oneOf(SendingFailure.allCases.map(\.rawValue)), "Why there was no answer."),
        .field("duration", .integer(0...Int64.max), "Milliseconds."),
    ])
}
