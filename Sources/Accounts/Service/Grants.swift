import Core

/// The grants that other features give and ask for.
public struct Grants: GrantRegistry, Sendable {
    private static let mostSessions = 10_000

    let revocations: Revocations
    let clock: any WallClock
    private let store = GrantStore()

    init(revocations: Revocations, clock: any WallClock) {
        self.revocations = revocations
        self.clock = clock
    }

    public func add(_ grant: Grant, in transaction: any Transaction) throws {
        try store.insert(grant, in: transaction)
    }

    public func membership(of user: UserID, in session: SessionID, transaction: any Transaction) throws -> Grant? {
        let all = try store.memberships(of: user, in: session, at: clock.now(), transaction)
        guard var grant = all.first else { return nil }
        grant.rights = all.reduce(into: []) { $0.formUnion($1.rights) }
        return grant
    }

    public func sessions(of user: UserID, transaction: any Transaction) throws -> [SessionID] {
        try store.sessions(of: user, at: clock.now(), limit: Self.mostSessions, in: transaction)
    }

    public func grant(_ id: GrantID, transaction: any Transaction) throws -> Grant? {
        try store.grant(id, in: transaction)
    }

    public func parents(of grants: [GrantID], transaction: any Transaction) throws -> [GrantID: GrantID] {
        try store.parents(of: grants, in: transaction)
    }

    public func holding(_ grants: [GrantID], transaction: any Transaction) throws -> Set<GrantID> {
        try store.holding(grants, at: clock.now(), in: transaction)
    }

    public func revokeAll(under parent: GrantID, in transaction: any Transaction) throws {
        try revokeAll(where: "parent_id = \(parent)", in: transaction)
    }

    public func revokeEntriesByCode(to session: SessionID, in transaction: any Transaction) throws {
        try revokeAll(where: "session_id = \(session) AND kind = \(Grant.Kind.guest) AND parent_id IS NULL", in: transaction)
    }

    public func revokeGuests(
        of session: SessionID, holding rights: Rights, beyond end: Timestamp?, in transaction: any Transaction
    ) throws {
        let late: SQL = end.map { "AND (expires_at IS NULL OR expires_at > \($0))" } ?? ""
        let guests: SQL = "session_id = \(session) AND kind = \(Grant.Kind.guest) AND (rights & \(rights)) = \(rights) \(sql: late)"
        try revokeAll(where: guests, in: transaction)
    }

    public func revokeAll(of session: SessionID, in transaction: any Transaction) throws {
        let kinds: [Grant.Kind] = [.guest, .member]
        try revokeAll(where: "session_id = \(session) AND kind IN \(list: kinds)", in: transaction)
    }

    func revokeAll(where condition: SQL, in transaction: any Transaction) throws {
        let now = clock.now()
        let entries = try store.open(where: condition, at: now, in: transaction)
        try store.revokeAll(where: condition, at: now, in: transaction)
        transaction.afterCommit { [revocations] in revocations.add(entries) }
    }
}
