import Core
import Logging

/// What members say of their players.
extension PartyService {
    /// Notes what a member's player does. When it has stopped, the others may wait for it.
    /// - Returns: after how many seconds the next report is wanted.
    /// - Throws: `Problem` 404, 409 `not_joined`.
    func report(_ report: StatusReport, by actor: Actor) async throws -> Int {
        let status = MemberStatus(state: report.state, drift: report.drift, latency: report.latency)
        try await limit(actor.person, "status", RateLimit(burst: 30, interval: .milliseconds(250)))
        guard let (before, nextIn) = floor.report(status, of: actor.person, in: report.partyId, at: clock.now()) else {
            throw Problem.conflict("not_joined", "Join the party first.")
        }
        if report.state == .buffering || before == .buffering { try await change(report.state, of: actor.person, in: report.partyId) }
        return nextIn
    }

    private func change(_ state: PlayerState, of person: Person, in id: SessionID) async throws {
        try await write(id) { party, moment, tx in
            guard try members.find(person, in: id, tx)?.isPresent ?? false else { return }
            if state == .buffering {
                _ = party.room.buffering(person, now: moment.now, lead: moment.lead)
            } else {
                _ = party.room.ready(person, now: moment.now, lead: moment.lead)
            }
        }
    }

    /// Whether somebody has come in, and not gone.
    func isPresent(_ person: Person, in id: SessionID) async throws -> Bool {
        try await database.read { tx in try members.find(person, in: id, tx)?.isPresent ?? false }
    }

    /// Tells each party what is new of its members' players.
    func tellStatuses() {
        let now = clock.now()
        for (party, statuses) in floor.news(at: now, limit: StatusNews.limit) {
            do { try news.tell(statuses, in: party, at: now) } catch {
                logger.error("the members of a party could not be told of", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Writes down who was heard of.
    func writeNotes() async throws {
        let now = clock.now()
        for notes in floor.notes(at: now) {
            try await database.write(.readCommitted) { tx in
                try members.see(notes.seen, in: notes.party, at: now, tx)
                for (person, trip) in notes.roundTrips { try members.setRoundTrip(trip, of: person, in: notes.party, tx) }
            }
        }
    }
}
