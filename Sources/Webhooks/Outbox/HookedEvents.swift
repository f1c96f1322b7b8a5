public import Core

/// Publishes events and takes them back as another publisher does, and writes down for webhooks what the desk is told of photos.
public struct HookedEvents: EventPublisher, EventRewriter {
    let next: any EventPublisher & EventRewriter
    let outbox: WebhookOutbox
    /// The name of the event whose `data` is a photo as staff sees it.
    let photoStatus: String

    public func publish(_ event: DurableEvent, in transaction: any Transaction) throws {
        if event.name == photoStatus, case .desk(let session) = event.topic, let told = try Self.event(event.data) {
            try outbox.tell(told, in: session, transaction) { event.data }
        }
        try next.publish(event, in: transaction)
    }

    public func send(_ event: EphemeralEvent) { next.send(event) }

    public func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws {
        try next.rewrite(subject, of: topic, as: data, in: transaction)
    }

    /// What a photo's state is called by webhooks; `nil` for what they are not told.
    private static func event(_ data: String) throws -> HookEvent? {
        struct Photo: Decodable { let status: String }
        return switch try JSON.decode(Photo.self, from: data).status {
        case "ready": .photoReady
        case "failed": .photoFailed
        default: nil
        }
    }
}
