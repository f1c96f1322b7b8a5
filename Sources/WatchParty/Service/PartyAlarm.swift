import Core
import Synchronization

/// When something is due in the parties that this server has changed. Bounded; what is lost of it is found in the database.
final class PartyAlarm: Sendable {
    private static let limit = 10_000

    private let times = Mutex([SessionID: Timestamp]())

    /// - Parameter time: `nil` for nothing.
    func set(_ party: SessionID, at time: Timestamp?) {
        times.withLock { times in
            if time == nil || times.count < Self.limit { times[party] = time }
        }
    }

    /// The time until something is due.
    func wait(at now: Timestamp) -> Duration? { times.withLock { $0.values.min() }.map { max(.zero, $0 - now) } }

    /// Takes out those in which something is due.
    func due(at now: Timestamp) -> [SessionID] {
        times.withLock { times in
            let due = times.filter { $0.value <= now }.map(\.key)
            for party in due { times[party] = nil }
            return due
        }
    }
}
