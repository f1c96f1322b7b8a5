public import Core
import Foundation
public import Logging
public import WebServer

/// Webhooks put together: what the composition root makes once and hands around.
public struct WebhooksFeature: Sendable {
    /// Wakes the senders of other processes: what `sender` wants to hear of.
    public static let channel = DeliveryStore.channel

    /// The HTTP API.
    public let routes: [Route]
    let service: WebhookService
    let outbox: WebhookOutbox
    private let configuration: WebhookConfiguration
    private let database: any Database
    private let managers: any SessionManagers
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameter managers: says whose webhooks hear of a session.
    public init(
        _ configuration: WebhookConfiguration = WebhookConfiguration(), database: any Database,
        managers: any SessionManagers, clock: any WallClock = SystemWallClock(), logger: Logger = Logger(label: "webhooks")
    ) {
        self.configuration = configuration
        self.database = database
        self.managers = managers
        self.clock = clock
        self.logger = logger
        outbox = WebhookOutbox(managers: managers, bell: SenderBell(), clock: clock)
        service = WebhookService(
            configuration: configuration, database: database, managers: managers, outbox: outbox, clock: clock)
        routes = WebhookRoutes(service).routes
    }

    /// A publisher for those who tell the desk of photos.
    /// - Parameters:
    ///   - next: does the publishing.
    ///   - photoStatus: the event whose `data` is a photo as staff sees it, with its `status`.
    public func events(over next: any EventPublisher & EventRewriter, photoStatus: EventType) -> HookedEvents {
        HookedEvents(next: next, outbox: outbox, photoStatus: photoStatus.name)
    }

    /// A handler for finished uploads.
    /// - Parameter next: does the handling.
    public func completion(over next: any CompletedUploadHandler) -> HookedCompletion {
        HookedCompletion(next: next, outbox: outbox)
    }

    /// Sends the messages; run one in each process that may.
    /// - Parameter changes: tells that another process has written to the database, in `channel`.
    public func sender(changes: AsyncStream<Void>? = nil) -> WebhookSender {
        sender(changes: changes, resolver: SystemResolver(limit: configuration.connectTimeout)) { .random(in: 0...1) }
    }

    func sender(
        changes: AsyncStream<Void>?, resolver: any HostResolver, metrics: WebhookMetrics = WebhookMetrics(),
        chance: @escaping @Sendable () -> Double
    ) -> WebhookSender {
        WebhookSender(
            configuration, database: database, managers: managers,
            client: WebhookClient(configuration: configuration, resolver: resolver, clock: clock), bell: outbox.bell,
            changes: changes, metrics: metrics, clock: clock, chance: chance, logger: logger)
    }
}
