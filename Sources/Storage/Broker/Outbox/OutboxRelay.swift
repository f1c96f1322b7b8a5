import Core
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Publishes the outbox's rows in order, as soon as they are committed.
///
/// It is woken by our own commits, by `changes` (other processes' commits) and by a slow poll that bounds what a missed
/// wake-up costs. Events go out first; how far it came is recorded at each poll, off their path. So after a crash the
/// events of the last moment come again: at least once, in order, none missing.
public struct OutboxRelay: Service {
    /// How the relay works.
    public struct Configuration: Sendable {
        /// Rows read at a time.
        public var batch = 256
        /// Between two looks at the table when nothing wakes the relay, and between two records of the position.
        public var poll: Duration = .seconds(1)
        /// Polls between two rounds of pruning.
        public var pollsPerPruning = 60
        public var retention = OutboxRetention()

        public init() {}
    }

    private let database: any Database
    private let outbox: Outbox
    private let transport: any EventTransport
    private let changes: AsyncStream<Void>
    private let configuration: Configuration
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameter changes: an element whenever another process may have written; used by one `run`.
    public init(
        database: any Database, outbox: Outbox, transport: any EventTransport, changes: AsyncStream<Void>,
        configuration: Configuration = Configuration(), clock: any WallClock = SystemWallClock(),
        logger: Logger = Logger(label: "lumiere.outbox")
    ) {
        self.database = database
        self.outbox = outbox
        self.transport = transport
        self.changes = changes
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
    }

    /// Publishes until the task is cancelled or the service group shuts down.
    /// - Throws: `DatabaseError` when the position cannot be read at the start; later failures are logged and retried.
    public func run() async throws {
        let position = Position(try await database.read { try OutboxStore.publishedThrough(in: $0) })
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { for await _ in changes { outbox.wake() } }
                group.addTask { await keepBooks(position) }
                for await _ in outbox.wakes() { await publishWaiting(position) }
                group.cancelAll()
            }
        }
        await record(position)
    }

    private func publishWaiting(_ position: Position) async {
        do {
            while !Task.isCancelled {
                let after = position.published
                let limit = configuration.batch
                let entries = try await database.read { try OutboxStore.entries(after: after, limit: limit, in: $0) }
                guard let last = entries.last else { return }
                try await transport.publish(entries.compactMap(published))
                position.advance(to: last.id)
                if entries.count < limit { return }
            }
        } catch {
            logger.error("events wait in the outbox", metadata: ["error": "\(error)"])
        }
    }

    private func published(_ entry: OutboxEntry) -> PublishedEvent? {
        let event = entry.published
        if event == nil { logger.error("unknown topic in the outbox", metadata: ["id": "\(entry.id)"]) }
        return event
    }

    private func keepBooks(_ position: Position) async {
        for polls in 1... {
            guard (try? await Task.sleep(for: configuration.poll)) != nil else { return }
            outbox.wake()
            await record(position)
            if polls.isMultiple(of: configuration.pollsPerPruning) { await prune(position) }
        }
    }

    private func record(_ position: Position) async {
        guard let id = position.unrecorded else { return }
        do {
            try await database.write { try OutboxStore.recordPublished(through: id, in: $0) }
            position.recorded(id)
        } catch {
            logger.error("the outbox's position was not recorded", metadata: ["error": "\(error)"])
        }
    }

    /// Many small transactions, so that nobody waits long behind one; the rest is left for the next round.
    private func prune(_ position: Position) async {
        let (retention, published, now) = (configuration.retention, position.published, clock.now())
        do {
            for _ in 0..<20 where !Task.isCancelled {
                let hasMore = try await database.write {
                    try OutboxStore.prune(retention, published: published, now: now, in: $0)
                }
                if !hasMore { return }
            }
        } catch {
            logger.error("the outbox was not pruned", metadata: ["error": "\(error)"])
        }
    }
}

/// How far the relay came, and how much of that is in the database.
private final class Position: Sendable {
    private let ids: NIOLockedValueBox<(published: Int64, recorded: Int64)>

    init(_ id: Int64) { ids = NIOLockedValueBox((id, id)) }

    var published: Int64 { ids.withLockedValue { $0.published } }
    var unrecorded: Int64? { ids.withLockedValue { $0.published == $0.recorded ? nil : $0.published } }

    func advance(to id: Int64) { ids.withLockedValue { $0.published = id } }
    func recorded(_ id: Int64) { ids.withLockedValue { $0.recorded = id } }
}
