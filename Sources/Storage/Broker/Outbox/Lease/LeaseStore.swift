import Core

/// What somebody holds: the right to act, for as long as nobody has taken it.
struct LeaseTerm: Sendable, Equatable {
    let name: String
    let holder: String
    let number: Int64

    /// The lease is somebody else's by now.
    struct Lost: Error {}
}

/// The leases' SQL.
enum LeaseStore {
    static func row(_ name: String, in transaction: any Transaction) throws -> LeaseRow? {
        try transaction.first("SELECT holder, term, beat FROM leases WHERE name = \(name)").map {
            LeaseRow(holder: try $0.get("holder"), term: try $0.get("term"), beat: try $0.get("beat"))
        }
    }

    /// Takes the lease if it still is as it was seen; `nil` when somebody was faster or the holder lives after all.
    static func take(
        _ name: String, as holder: String, from seen: LeaseRow?, in transaction: any Transaction
    ) throws -> LeaseTerm? {
        guard let seen else {
            let taken = try transaction.execute("""
                INSERT INTO leases (name, holder, term, beat) VALUES (\(name), \(holder), 1, 0)
                ON CONFLICT (name) DO NOTHING
                """)
            return taken == 1 ? LeaseTerm(name: name, holder: holder, number: 1) : nil
        }
        let taken = try transaction.execute("""
            UPDATE leases SET holder = \(holder), term = term + 1, beat = 0
            WHERE name = \(name) AND term = \(seen.term) AND beat = \(seen.beat) AND holder = \(seen.holder)
            """)
        return taken == 1 ? LeaseTerm(name: name, holder: holder, number: seen.term + 1) : nil
    }

    /// A sign of life, and the fence: the row is locked until the transaction ends, so nobody takes the lease meanwhile.
    /// - Throws: `LeaseTerm.Lost`.
    static func renew(_ term: LeaseTerm, in transaction: any Transaction) throws {
        let kept = try transaction.execute("""
            UPDATE leases SET beat = beat + 1
            WHERE name = \(term.name) AND holder = \(term.holder) AND term = \(term.number)
            """)
        guard kept == 1 else { throw LeaseTerm.Lost() }
    }

    /// Gives it back, so that nobody has to wait for it to expire.
    static func release(_ term: LeaseTerm, in transaction: any Transaction) throws {
        try transaction.execute("""
            UPDATE leases SET holder = '' WHERE name = \(term.name) AND holder = \(term.holder) AND term = \(term.number)
            """)
    }
}
