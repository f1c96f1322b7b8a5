/// A lease as the database has it.
struct LeaseRow: Sendable, Equatable {
    /// Who has it; empty when it was given back.
    var holder: String
    /// Grows with each holder: an earlier holder's term is over for good.
    var term: Int64
    var beat: Int64
}

/// Decides when a lease may be taken: once a holder has shown no sign of life for as long as *we* have watched.
///
/// No clock of another node is ever looked at, so clocks may differ by any amount.
struct LeaseMachine: Sendable {
    private let expiry: Duration
    private var seen: LeaseRow?
    private var since: ContinuousClock.Instant?

    init(expiry: Duration) { self.expiry = expiry }

    /// Takes in what is in the database now (`nil`: nobody ever had the lease); whether to try to take it.
    mutating func looked(_ row: LeaseRow?, at now: ContinuousClock.Instant) -> Bool {
        guard let row, !row.holder.isEmpty else { return true }
        guard row == seen, let since else {
            seen = row
            since = now
            return false
        }
        return now - since >= expiry
    }

    /// The database did not answer: a holder could not show a sign of life either, so watching begins anew.
    mutating func lookFailed() { since = nil }
}
