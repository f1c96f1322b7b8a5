public import Core
public import Logging

/// Writes down what happened at the doors of sessions every few seconds, and forgets what is too old.
public struct ActivityWriter: Sendable {
    private static let interval = Duration.seconds(3)
    /// Lines of one session that are kept.
    static let kept = 10_000

    let database: any Database
    let sheet: ActivitySheet
    /// How far the log goes back.
    let retention: Duration
    let clock: any WallClock
    let logger: Logger
    private let store = ActivityStore()

    public init(database: any Database, sheet: ActivitySheet, retention: Duration, clock: any WallClock, logger: Logger) {
        self.database = database
        self.sheet = sheet
        self.retention = retention
        self.clock = clock
        self.logger = logger
    }

    /// Writes down until cancelled, and what is left then.
    public func run() async {
        var forgotten: Timestamp?
        repeat {
            try? await Task.sleep(for: Self.interval)
            // What a cancelled task asks of the database is refused.
            await Task { await flushOrKeep() }.value
            let now = clock.now()
            guard forgotten.map({ now - $0 > .seconds(3600) }) ?? true else { continue }
            forgotten = now
            do { try await forget() } catch {
                logger.error("old lines of access logs could not be forgotten; trying again later", metadata: ["error": "\(error)"])
            }
        } while !Task.isCancelled
    }

    private func flushOrKeep() async {
        do {
            try await flush()
        } catch {
            logger.warning("what happened in sessions could not be written down; trying again later", metadata: ["error": "\(error)"])
        }
    }

    /// Writes down what was noted; what cannot be written is kept for the next time.
    /// - Throws: `DatabaseError`.
    func flush() async throws {
        let notes = sheet.take()
        if notes.isEmpty { return }
        do {
            try await database.write(.readCommitted) { tx in try write(notes, tx) }
        } catch {
            sheet.restore(notes)
            throw error
        }
    }

    /// Forgets lines that are too old.
    /// - Throws: `DatabaseError`.
    func forget() async throws {
        let oldest = clock.now() - retention
        try await database.write(.readCommitted) { tx in try store.forget(before: oldest, tx) }
    }

    /// Of sessions that are gone, or never were, nothing is kept. Rows are written in the same order by all nodes, so that they do not
    /// wait for each other's in a circle.
    private func write(_ notes: ActivitySheet.Notes, _ tx: any Transaction) throws {
        let lines = Set(notes.lines.map(\.session))
        let present = try store.present(lines.union(notes.entries.keys.map(\.session)).union(notes.latencies.keys), tx)
        let entries = notes.entries.filter { present.contains($0.key.session) }.map { (door: $0.key, count: $0.value) }
        try store.add(entries.sorted { $0.door.order < $1.door.order }, tx)
        let latencies = notes.latencies.filter { present.contains($0.key) }.sorted { $0.key < $1.key }
        try store.add(latencies.map { (session: $0.key, histogram: $0.value) }, tx)
        try store.add(notes.lines.filter { present.contains($0.session) }, tx)
        for session in lines.intersection(present).sorted() { try store.trim(session, keeping: Self.kept, tx) }
    }
}

extension ActivitySheet.Door {
    fileprivate var order: (String, Int64, String) { (session.description, slot.number, link?.description ?? "") }
}
