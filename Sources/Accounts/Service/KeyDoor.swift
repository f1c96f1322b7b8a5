import Core
import Logging
import Synchronization

/// Lets API keys in. A script sends a request after another, so what the database said is believed for a while;
/// a revocation is believed at once.
final class KeyDoor: Sendable {
    /// How late a change of the owner's role is noticed.
    static let trust: Duration = .seconds(10)
    /// The precision of `last_used_at`: it costs a write.
    private static let precision: Duration = .seconds(60)
    private static let capacity = 1024

    private struct Known: Sendable {
        let key: GrantStore.StoredKey
        let readAt: Timestamp
        var usedAt: Timestamp?
    }

    private let database: any Database
    private let revocations: Revocations
    private let clock: any WallClock
    private let logger: Logger
    private let store = GrantStore()
    private let known = Mutex(RecencyMap<GrantID, Known>(capacity: KeyDoor.capacity))

    init(database: any Database, revocations: Revocations, clock: any WallClock, logger: Logger) {
        self.database = database
        self.revocations = revocations
        self.clock = clock
        self.logger = logger
    }

    /// - Throws: `Problem` 401 `invalid_token` or `expired_token`.
    func identity(_ text: String) async throws -> Identity {
        guard let token = OpaqueToken<Subject.Grant>(text, kind: .key), let key = try await key(token.id),
            ConstantTime.equal(SecretHash.of(token.secret), key.secretHash), let owner = key.grant.userID,
            key.grant.revokedAt == nil, !revocations.contains(token.id)
        else { throw Problem.invalidToken }
        guard key.grant.isValid(at: clock.now()) else { throw Problem.expiredToken }
        await noteUse(of: token.id)
        let principal = Principal.key(token.id, owner: owner, role: key.ownerRole, scopes: key.grant.scopes)
        return Identity(principal: principal, expiresAt: key.grant.expiresAt)
    }

    /// Unknown ids are not remembered: whoever makes them up would push real keys out.
    private func key(_ id: GrantID) async throws -> GrantStore.StoredKey? {
        let now = clock.now()
        if let recent = known.withLock({ $0[id] }), now - recent.readAt < Self.trust { return recent.key }
        guard let key = try await database.read({ [store] in try store.key(id, in: $0) }) else { return nil }
        known.withLock { $0[id] = Known(key: key, readAt: now, usedAt: key.lastUsedAt) }
        return key
    }

    private func noteUse(of id: GrantID) async {
        let now = clock.now()
        let isDue = known.withLock { known in
            guard var entry = known[id], entry.usedAt.map({ now - $0 >= Self.precision }) ?? true else { return false }
            entry.usedAt = now
            known[id] = entry
            return true
        }
        guard isDue else { return }
        do {
            try await database.write { [store] in try store.touchKey(id, at: now, in: $0) }
        } catch {
            // The request is not to fail for a note about it.
            logger.warning("a key's last use was not noted", metadata: ["error": "\(error)"])
        }
    }
}
