import Core
import Logging
public import ServiceLifecycle
import Synchronization

/// Sends the messages that are due, a bounded number at a time, and records what comes of it.
///
/// It is woken by commits of this process, by `changes`, and by a slow poll. Several processes share the work: a message
/// belongs to whoever claimed it until its lease ends, so one that dies delays its messages and loses none.
public final class WebhookSender: Service {
    private let configuration: WebhookConfiguration
    private let database: any Database
    private let client: WebhookClient
    private let bell: SenderBell
    private let changes: AsyncStream<Void>?
    private let clock: any WallClock
    private let chance: @Sendable () -> Double
    private let logger: Logger
    private let metrics: WebhookMetrics
    private let deliveries = DeliveryStore()
    private let claimer: DeliveryClaimer
    private let line = Mutex(Line())

    private struct Line {
        /// Messages that this process is sending.
        var count = 0
        /// The account that had its turn last.
        var last = ""
    }

    init(
        _ configuration: WebhookConfiguration, database: any Database, managers: any SessionManagers, client: WebhookClient,
        bell: SenderBell, changes: AsyncStream<Void>?, metrics: WebhookMetrics, clock: any WallClock,
        chance: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.configuration = configuration
        self.database = database
        self.client = client
        self.bell = bell
        self.changes = changes
        self.metrics = metrics
        self.clock = clock
        self.chance = chance
        self.logger = logger
        claimer = DeliveryClaimer(configuration, database: database, managers: managers, clock: clock, logger: logger)
    }

    /// Runs until graceful shutdown, which lets what is being sent end for a while, or until cancellation. Once only.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { await self.deliver(); return true }
                group.addTask { await self.patience(); return true }
                group.addTask { await self.poll(); return false }
                group.addTask { await self.sweep(); return false }
                group.addTask { await self.count(); return false }
                if let changes { group.addTask { for await _ in changes { self.bell.ring() }; return false } }
                while let isOver = await group.next(), !isOver {}
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.bell.stop()
        }
    }

    private func deliver() async {
        await withDiscardingTaskGroup { group in
            for await _ in bell.rings { await sendAll(&group) }
        }
    }

    /// Ends some time after the shutdown has begun.
    private func patience() async {
        guard (try? await gracefulShutdown()) != nil else { return }
        try? await Task.sleep(for: configuration.drain)
    }

    private func poll() async {
        while !Task.isCancelled {
            bell.ring()
            try? await Task.sleep(for: configuration.pollInterval)
        }
    }

    // MARK: Sending

    /// Turns in a row that came to nothing, because another process was quicker, before the next ring is waited for.
    private static let mostMisses = 100

    /// Begins to send until nothing is due or everything is busy; whatever ends rings again.
    private func sendAll(_ group: inout DiscardingTaskGroup) async {
        var misses = 0
        while misses < Self.mostMisses, !Task.isShuttingDownGracefully, !Task.isCancelled, let turn = await turn() {
            guard let claim = await claim(turn) else {
                misses += 1
                continue
            }
            misses = 0
            line.withLock { $0.count += 1 }
            group.addTask {
                await self.send(claim)
                self.line.withLock { $0.count -= 1 }
                self.bell.ring()
            }
        }
    }

    private func turn() async -> DeliveryClaimer.Turn? {
        let line = line.withLock { $0 }
        if line.count >= configuration.concurrency { return nil }
        return await attempt { try await claimer.turn(after: line.last) }
    }

    private func claim(_ turn: DeliveryClaimer.Turn) async -> ClaimedDelivery? {
        line.withLock { $0.last = turn.owner }
        return await attempt { try await claimer.claim(turn) }
    }

    private func attempt<Value>(_ body: () async throws -> Value?) async -> Value? {
        do { return try await body() } catch {
            if !Task.isCancelled { logger.error("no message could be claimed", metadata: ["error": "\(error)"]) }
            return nil
        }
    }

    /// Never fails: what cannot be recorded is sent again when its lease has ended.
    private func send(_ claim: ClaimedDelivery) async {
        let now = clock.now()
        let message = SignedMessage(
            id: claim.delivery.id.description, at: now, body: claim.body, secrets: claim.webhook.secrets(at: now))
        do {
            let start = ContinuousClock.now
            let outcome = try await client.send(message, to: claim.webhook, attempt: claim.attempt)
            let entry = Delivery.Attempt(outcome, at: now, duration: ContinuousClock.now - start)
            let verdict = RetrySchedule.verdict(on: outcome, attempt: claim.attempt, chance: chance())
            let recorder = DeliveryRecorder(failingLimit: configuration.failingLimit, metrics: metrics)
            let end = clock.now()
            try await database.write { try recorder.record(entry, verdict, of: claim, at: end, $0) }
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "a message's end could not be recorded",
                metadata: ["delivery": "\(claim.delivery.id)", "error": "\(error)"])
        }
    }

    // MARK: Sweeping

    private func sweep() async {
        while !Task.isCancelled {
            do { try await prune() } catch {
                if !Task.isCancelled { logger.error("old messages could not be removed", metadata: ["error": "\(error)"]) }
            }
            try? await Task.sleep(for: configuration.sweepInterval)
        }
    }

    /// Messages removed in one transaction.
    private static let batch = 500

    private func prune() async throws {
        let time = clock.now() - configuration.keptFor
        let most = configuration.keptPerWebhook
        while try await database.write({ [deliveries] in
            try deliveries.prune(endedBefore: time, limit: Self.batch, $0)
        }) == Self.batch {}
        while try await database.write({ [deliveries] in try deliveries.pruneOrphans(limit: Self.batch, $0) }) == Self.batch {}
        for webhook in try await database.read({ [deliveries] in try deliveries.crowded(beyond: most, limit: 100, $0) }) {
            while try await database.write({ [deliveries] in
                try deliveries.prune(webhook, beyond: most, limit: Self.batch, $0)
            }) == Self.batch {}
        }
    }

    // MARK: Counting

    private func count() async {
        while !Task.isCancelled {
            // The next one may succeed; what keeps it from that is logged by whoever claims.
            let waiting = try? await database.read { [deliveries] in try deliveries.waiting(limit: 100_000, $0) }
            if let waiting { metrics.waiting(waiting) }
            try? await Task.sleep(for: configuration.gaugeInterval)
        }
    }
}

extension Delivery.Attempt {
    fileprivate init(_ outcome: SendingOutcome, at time: Timestamp, duration: Duration) {
        switch outcome {
        case .answered(let status, _): self.init(at: time, status: status, error: nil, duration: duration.milliseconds)
        case .failed(let failure): self.init(at: time, status: nil, error: failure, duration: duration.milliseconds)
        }
    }
}
