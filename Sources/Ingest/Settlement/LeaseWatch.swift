import Core
import NIOConcurrencyHelpers

/// Notices leases that nobody renews, and whole uploads that nobody begins to settle: both have lost their node.
final class LeaseWatch: Sendable {
    /// How long nothing has to happen: a few renewals.
    static let patience = Duration.seconds(6)
    /// Between two looks.
    static let pause = Duration.seconds(2)
    /// Uploads that are looked at; the sweep finds the others.
    static let limit = 1000

    private struct Sighting {
        var mark: LeaseMark
        var since: Duration
        var isAbandoned = false
    }

    private let holder: String
    private let uptime: @Sendable () -> Duration
    private let sightings = NIOLockedValueBox<[UploadID: Sighting]>([:])

    /// - Parameters:
    ///   - holder: this process.
    ///   - uptime: time since any fixed moment, by a clock that nobody sets.
    init(holder: String, uptime: @escaping @Sendable () -> Duration) {
        self.holder = holder
        self.uptime = uptime
    }

    /// Takes in what the rows of unsettled uploads show now.
    /// - Returns: those that have been abandoned.
    func look(_ marks: [UploadID: LeaseMark]) -> [UploadID] {
        let now = uptime()
        return sightings.withLockedValue { sightings in
            let before = sightings
            sightings = [:]
            for (id, mark) in marks where mark.settler != holder && mark.isUrgent {
                let seen = before[id].flatMap { $0.mark == mark ? $0 : nil } ?? Sighting(mark: mark, since: now)
                sightings[id] = Sighting(mark: mark, since: seen.since, isAbandoned: now - seen.since >= Self.patience)
            }
            return sightings.filter(\.value.isAbandoned).map(\.key)
        }
    }

    /// The lease of an upload that may be taken from its holder; `nil` when there is none that has been abandoned.
    func abandoned(_ id: UploadID) -> LeaseMark? {
        sightings.withLockedValue { $0[id].flatMap { $0.isAbandoned ? $0.mark : nil } }
    }
}
