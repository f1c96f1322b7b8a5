import Core
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Publishes the outbox's rows in order, as soon as they are committed.
///
/// It is woken by our own commits, by other nodes' nudges, by `changes` (other processes' commits) and by a slow poll
/// that bounds what a missed wake-up costs. Rows without a sequence are numbered first. Events go out then; how far it
/// came is recorded at each poll, off their path. So after a crash the events of the last moment come again: at least
/// once, in order, none missing; with the sequence that they keep, so that a receiver can tell.
///
/// Of several nodes one relays at a time, by a lease in the database. It is not what keeps the order: numbering takes
/// place in a transaction that holds the lease's row, so a relay that was suspended and overtaken finds its term over.
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
        /// Set when there are several nodes; without it the relay is the only one.
        public var lease: LeaseTiming?

        public init() {}
    }

    let database: any Database
    let outbox: Outbox
    let configuration: Configuration
    let clock: any WallClock
    let logger: Logger
    private let transport: any EventTransport
    private let changes: AsyncStream<Void>

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
    /// - Throws: `DatabaseError` when the only relay cannot read its position; later failures are logged and retried.
    public func run() async throws {
        let desk = RelayDesk()
        if configuration.lease == nil {
            begin(desk, nil, from: try await database.read { try OutboxStore.publishedMark(in: $0) })
        }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in changes {
                        transport.outboxMayHaveChanged()
                        outbox.wake()
                    }
                }
                group.addTask { await keepBooks(desk) }
                if let timing = configuration.lease { group.addTask { await campaign(desk, timing) } }
                for await _ in outbox.wakes() { await publishWaiting(desk) }
                group.cancelAll()
            }
        }
        await standDown(desk)
    }

    func begin(_ desk: RelayDesk, _ term: LeaseTerm?, from mark: OutboxMark) {
        desk.begin(term, from: mark)
        outbox.relays(true)
        outbox.wake()
    }

    func end(_ desk: RelayDesk, _ term: LeaseTerm?) {
        desk.end(term)
        outbox.relays(desk.current != nil)
    }

    private func publishWaiting(_ desk: RelayDesk) async {
        while !Task.isCancelled, let turn = desk.current {
            do {
                guard try await publishBatch(desk, turn) else { return }
            } catch is LeaseTerm.Lost {
                return end(desk, turn.term)
            } catch {
                return logger.error("events wait in the outbox", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Whether there may be more.
    private func publishBatch(_ desk: RelayDesk, _ turn: RelayDesk.Turn) async throws -> Bool {
        guard let entries = try await entries(from: turn.published, turn.term) else {
            try await restart(desk, turn)
            return true
        }
        guard let batch = EventBatch(after: turn.published, entries) else { return false }
        if batch.events.count < entries.count {
            logger.error("unknown topics in the outbox", metadata: ["through": "\(batch.through)"])
        }
        try await transport.publish(batch)
        desk.advance(turn.term, to: OutboxMark(batch))
        return entries.count == configuration.batch
    }

    /// What comes next; `nil` when the database has gone back in time. Where the relay numbers, one transaction does both,
    /// and numbers nothing that clients hold already; elsewhere rows that wait are left over from a time when it did.
    private func entries(from mark: OutboxMark, _ term: LeaseTerm?) async throws -> [OutboxEntry]? {
        let limit = configuration.batch
        if outbox.numbering == .onAppend {
            let (entries, isRest) = try await database.read { transaction in
                let entries = try OutboxStore.entries(from: mark, limit: limit, in: transaction)
                return (entries, try OutboxStore.hasWaiting(in: transaction))
            }
            if !isRest { return entries }
        }
        return try await database.write { transaction in
            if try OutboxStore.hasWaiting(in: transaction) {
                if let term { try LeaseStore.renew(term, in: transaction) }
                try OutboxStore.lockNumbering(in: transaction)
                let sequence = mark.position.sequence
                guard try OutboxStore.number(from: sequence, limit: limit, in: transaction) else { return nil }
            }
            return try OutboxStore.entries(from: mark, limit: limit, in: transaction)
        }
    }

    /// Goes on from where the database is. What it has lost it cannot tell anybody, nor what was published of that.
    private func restart(_ desk: RelayDesk, _ turn: RelayDesk.Turn) async throws {
        let known = turn.published.position
        let now = clock.now()
        let mark = try await database.write { try OutboxStore.restart(after: known.generation, at: now, in: $0) }
        logger.error("the database went back in time, or its history was renewed: events are lost, and a new history goes on", metadata: [
            "published": "\(known.sequence)", "latest": "\(mark.position.sequence)",
        ])
        transport.restart(at: mark.position)
        desk.advance(turn.term, to: mark)
    }
}
