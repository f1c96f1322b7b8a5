import Core
import Foundation

/// Writes messages down in the transaction that causes them, for every webhook that wants to hear of it.
struct WebhookOutbox: Sendable {
    /// Webhooks that one event is told to.
    private static let mostListeners = 1000

    let managers: any SessionManagers
    let bell: SenderBell
    let clock: any WallClock
    private let webhooks = WebhookStore()
    private let deliveries = DeliveryStore()

    init(managers: any SessionManagers, bell: SenderBell, clock: any WallClock) {
        self.managers = managers
        self.bell = bell
        self.clock = clock
    }

    /// Tells the staff's webhooks of something in a session.
    /// - Parameter data: the JSON of the message's `data`; asked for only if anybody listens.
    func tell(
        _ event: HookEvent, in session: SessionID, _ tx: any Transaction, data: () throws -> String
    ) throws {
        let owners = try managers.managers(of: session, transaction: tx)
        if owners.isEmpty { return }
        let listeners = try webhooks.listening(to: event, in: session, of: owners, limit: Self.mostListeners, tx)
        if listeners.isEmpty { return }
        let now = clock.now()
        let body = Self.body(event.rawValue, at: now, data: try data())
        for listener in listeners {
            try deliveries.insert(
                DeliveryID(at: now), to: listener.id, of: listener.owner, about: session, type: event.rawValue, body: body,
                at: now, tx)
        }
        announce(tx)
    }

    /// Writes down a message that only tries out the way.
    func ping(_ webhook: Webhook, _ tx: any Transaction) throws -> DeliveryID {
        let now = clock.now()
        let id = DeliveryID(at: now)
        let body = Self.body(HookEvent.ping, at: now, data: try JSON.text(["webhookId": webhook.id]))
        try deliveries.insert(
            id, to: webhook.id, of: webhook.ownerID, about: nil, type: HookEvent.ping, body: body, at: now, tx)
        announce(tx)
        return id
    }

    /// There is something to send from the commit on, for this process and for others.
    func announce(_ tx: any Transaction) {
        tx.notify(DeliveryStore.channel)
        tx.afterCommit { [bell] in bell.ring() }
    }

    private static func body(_ type: String, at now: Timestamp, data: String) -> String {
        #"{"data":\#(data),"timestamp":"\#(now)","type":"\#(type)"}"#
    }
}

/// Wakes this process's sender; any number of rings that nobody waited for becomes one.
struct SenderBell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func ring() { continuation.yield() }
    /// Nothing more is to be sent.
    func stop() { continuation.finish() }
}
