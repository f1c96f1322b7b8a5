import Core

@testable import WatchParty

/// A database in which others come first.
private struct LateDatabase: Database {
    let base: any Database
    /// What happens before a transaction's turn comes.
    let before: @Sendable () -> Void

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await base.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        before()
        return try await base.write(body)
    }

    func write<Value: Sendable>(
        _ isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        before()
        return try await base.write(isolation, body)
    }
}

extension House {
    /// The same party by a server whose writes wait for their turn.
    func late(_ before: @escaping @Sendable () -> Void) -> PartyService {
        PartyService(
            database: LateDatabase(base: database, before: before), sessions: neighbours, films: neighbours, grants: neighbours,
            names: service.names, news: service.news, limiter: service.limiter, floor: service.floor, alarm: service.alarm, clock: clock,
            logger: service.logger)
    }
}
