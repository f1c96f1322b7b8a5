import Core
import Synchronization

/// What the members who speak with this server say of their players: nothing of it is kept. Bounded by the parties' capacities.
final class PartyFloor: Sendable {
    /// Somebody whom this server hears of.
    fileprivate struct Guest {
        var status: MemberStatus?
        /// What the others were told last, and when.
        var told: MemberStatus?
        var toldAt: Timestamp?
        var seenAt: Timestamp
        /// Until when nobody has to ask whether they are a member.
        var knownUntil: Timestamp
        /// Whether their player has been where it should be since they came.
        var wasInStep = false
        /// Whether they have said something since that was written down.
        var isUnwritten = false
        var writtenRoundTrip: Int?
    }

    /// What is to be written down of a party.
    struct Notes: Sendable {
        var party: SessionID
        var seen: [Person]
        var roundTrips: [Person: Int]
    }

    private let parties = Mutex([SessionID: [Person: Guest]]())

    /// Everything is told again after that, for those who have missed it.
    fileprivate static let repetition: Duration = .seconds(10)
    private static let trust: Duration = .seconds(30)

    // MARK: Who is there

    /// Somebody has come, and is a member.
    func welcome(_ person: Person, in party: SessionID, at now: Timestamp) {
        parties.withLock { parties in
            var guest = parties[party]?[person] ?? Guest(seenAt: now, knownUntil: now)
            (guest.seenAt, guest.knownUntil) = (now, now + Self.trust)
            parties[party, default: [:]][person] = guest
        }
    }

    func knows(_ person: Person, in party: SessionID, at now: Timestamp) -> Bool {
        parties.withLock { $0[party]?[person].map { now < $0.knownUntil } ?? false }
    }

    func forget(_ person: Person, in party: SessionID) {
        parties.withLock { parties in
            parties[party]?[person] = nil
            if parties[party]?.isEmpty ?? false { parties[party] = nil }
        }
    }

    func forget(_ party: SessionID) { parties.withLock { $0[party] = nil } }

    func status(of person: Person, in party: SessionID) -> MemberStatus? { parties.withLock { $0[party]?[person]?.status } }

    // MARK: Reports

    /// What a report comes to.
    struct Reception: Sendable, Equatable {
        /// What the player did before; `nil` for the first report.
        var before: PlayerState?
        /// Whether it had been where it should be.
        var wasInStep: Bool
        /// Seconds until the next report is wanted.
        var nextIn: Int
    }

    /// Somebody says what their player does.
    /// - Returns: `nil` for whom nobody has welcomed.
    func report(
        _ status: MemberStatus, of person: Person, in party: SessionID, at now: Timestamp
    ) -> Reception? {
        parties.withLock { parties in
            guard var guest = parties[party]?[person] else { return nil }
            let (before, wasInStep) = (guest.status?.state, guest.wasInStep)
            (guest.status, guest.seenAt, guest.isUnwritten) = (status, now, true)
            if status.state != .buffering { guest.wasInStep = true }
            parties[party]?[person] = guest
            return Reception(before: before, wasInStep: wasInStep, nextIn: Self.interval(among: parties[party]?.count ?? 1))
        }
    }

    /// Many speak less often, so that all can be told of all.
    static func interval(among count: Int) -> Int { min(10, max(2, count / 40)) }

    /// What is news of each party: those who changed, at most so many at once.
    func news(at now: Timestamp, limit: Int) -> [SessionID: [Person: MemberStatus]] {
        parties.withLock { parties in
            var news: [SessionID: [Person: MemberStatus]] = [:]
            for (party, guests) in parties {
                let due = guests.filter { $0.value.isDue(at: now) }.prefix(limit)
                for (person, guest) in due {
                    parties[party]?[person]?.told = guest.status
                    parties[party]?[person]?.toldAt = now
                }
                if !due.isEmpty { news[party] = Dictionary(uniqueKeysWithValues: due.compactMap { entry in entry.value.status.map { (entry.key, $0) } }) }
            }
            return news
        }
    }

    /// That could not be written down.
    func takeBack(_ notes: Notes) {
        parties.withLock { parties in
            for person in notes.seen { parties[notes.party]?[person]?.isUnwritten = true }
            for person in notes.roundTrips.keys { parties[notes.party]?[person]?.writtenRoundTrip = nil }
        }
    }

    /// What has to be written down so that other servers know who is there; who has said nothing for long is forgotten.
    func notes(at now: Timestamp) -> [Notes] {
        parties.withLock { parties in
            parties.compactMap { party, guests in
                var notes = Notes(party: party, seen: [], roundTrips: [:])
                for (person, guest) in guests {
                    if now - guest.seenAt > PartyMember.lease {
                        parties[party]?[person] = nil
                    } else if guest.isUnwritten {
                        notes.seen.append(person)
                        parties[party]?[person]?.isUnwritten = false
                        if let trip = guest.newRoundTrip {
                            notes.roundTrips[person] = trip
                            parties[party]?[person]?.writtenRoundTrip = trip
                        }
                    }
                }
                if parties[party]?.isEmpty ?? false { parties[party] = nil }
                return notes.seen.isEmpty ? nil : notes
            }
        }
    }
}

extension PartyFloor.Guest {
    fileprivate func isDue(at now: Timestamp) -> Bool {
        guard let status else { return false }
        guard let told, let toldAt else { return true }
        return status.isNews(to: told) || now - toldAt >= PartyFloor.repetition
    }

    /// Written down when it is another than what was by a quarter at least.
    fileprivate var newRoundTrip: Int? {
        guard let trip = status?.latency else { return nil }
        guard let written = writtenRoundTrip else { return trip }
        return abs(trip - written) * 4 >= max(written, 20) ? trip : nil
    }
}
