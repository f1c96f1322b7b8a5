import Core
import Logging

extension OutboxRelay {
    /// At each poll: looks for rows, records the position, and prunes now and then.
    func keepBooks(_ desk: RelayDesk) async {
        for polls in 1... {
            guard (try? await Task.sleep(for: configuration.poll)) != nil else { return }
            outbox.wake()
            await record(desk)
            if polls.isMultiple(of: configuration.pollsPerPruning) { await prune(desk) }
        }
    }

    private func record(_ desk: RelayDesk) async {
        guard let turn = desk.current, turn.published.position != turn.recorded else { return }
        let position = turn.published.position
        do {
            try await database.write { try OutboxStore.recordPublished(through: position, in: $0) }
            desk.recorded(turn.term, position)
        } catch {
            logger.error("the outbox's position was not recorded", metadata: ["error": "\(error)"])
        }
    }

    /// Many small transactions, so that nobody waits long behind one; the rest is left for the next round.
    private func prune(_ desk: RelayDesk) async {
        guard let turn = desk.current else { return }
        let (retention, now) = (configuration.retention, clock.now())
        do {
            for _ in 0..<20 where !Task.isCancelled {
                let hasMore = try await database.write {
                    try OutboxStore.prune(retention, published: turn.published.position.sequence, now: now, in: $0)
                }
                if !hasMore { return }
            }
        } catch {
            logger.error("the outbox was not pruned", metadata: ["error": "\(error)"])
        }
    }

    /// The last record, and the lease back, so that another node need not wait for it to expire.
    ///
    /// In a task of its own, for ours has been cancelled and the database may heed that.
    func standDown(_ desk: RelayDesk) async {
        await Task {
            await record(desk)
            guard let term = desk.current?.term else { return }
            // When it fails the lease expires instead.
            try? await database.write { try LeaseStore.release(term, in: $0) }
        }.value
        end(desk, desk.current?.term)
    }
}
