import Core

extension Outbox {
    /// Begins a new history in a database that an older state has been restored to, when nothing is left that would notice:
    /// whatever place clients hold, they are told to read the current state. It does no harm at any other time, and none
    /// beside running servers, which notice within seconds and make their clients connect again.
    /// - Parameter database: migrated.
    /// - Returns: the new history's name, as clients get it (`epoch`); `nil` when no server has ever run on the database.
    /// - Throws: `DatabaseError`.
    public static func renewHistory(
        in database: any Database, clock: any WallClock = SystemWallClock()
    ) async throws -> String? {
        let now = clock.now()
        return try await database.write { transaction in
            guard let house = try OutboxStore.house(in: transaction) else { return nil }
            let generation = try OutboxStore.generation(in: transaction)
            let mark = try OutboxStore.restart(after: generation, at: now, in: transaction)
            transaction.notify(channel)
            return mark.position.epoch(of: house)
        }
    }
}
