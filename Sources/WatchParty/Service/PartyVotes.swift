import Core
import Synchronization

/// When votes are told. Each telling is the whole queue, to everybody and into the history, and anybody may vote: so a party is told
/// at once, and then of all that came meanwhile together.
///
/// In memory alone: a server that ends owes nothing, since the next change of the queue tells of the votes, too.
final class PartyVotes: Sendable {
    private struct Telling {
        var at: Timestamp
        var isOwed = false
    }

    private static let pause: Duration = .seconds(1)
    /// Those told of within the pause, so no more than there are votes within it.
    private let parties = Mutex([SessionID: Telling]())

    /// Whether a party is to be told of a vote now; otherwise that is owed to it.
    func isDue(_ party: SessionID, at now: Timestamp) -> Bool {
        parties.withLock { parties in
            if let last = parties[party], now - last.at < Self.pause {
                parties[party]?.isOwed = true
                return false
            }
            parties[party] = Telling(at: now)
            return true
        }
    }

    /// The parties that are to be told now of what is owed to them.
    func owed(at now: Timestamp) -> [SessionID] {
        parties.withLock { parties in
            let over = parties.filter { now - $0.value.at >= Self.pause }
            for (party, telling) in over { parties[party] = telling.isOwed ? Telling(at: now) : nil }
            return over.filter(\.value.isOwed).map(\.key)
        }
    }
}
