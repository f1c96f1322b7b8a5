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
        guard let reception = floor.report(status, of: actor.person, in: report.partyId, at: clock.now()) else {
            throw Problem.conflict("not_joined", "Join the party first.")
        }
        switch report.state {
        // Who has just come and opens the film pauses nobody.
        case .buffering where reception.wasInStep: try await change(report.partyId, by: actor.person) { $0.buffering(actor.person, now: $1.now, lead: $1.lead) }
        // The first report may come after a restart, or from another server.
        case .playing, .ready:
            guard reception.before == nil || reception.before == .buffering else { break }
            try await change(report.partyId, by: actor.person) { $0.ready(actor.person, now: $1.now, lead: $1.lead) }
        case .buffering, .paused: break
        }
        return reception.nextIn
    }

    /// Changes the room, if there is anything to change: most reports are only noted.
    private func change(
        _ id: SessionID, by person: Person, _ body: @escaping @Sendable (inout Room, Moment) -> Bool
    ) async throws {
        let moment = Moment(now: clock.now(), lead: Schedule.least)
        let isNews = try await database.read { tx in
            let room = try find(id, tx).room
            var changed = room
            _ = body(&changed, moment)
            return changed != room
        }
        guard isNews else { return }
        try await write(id) { party, moment, tx in
            // Who has been shown out meanwhile has no say any more.
            if try members.find(person, in: id, tx)?.isPresent ?? false { _ = body(&party.room, moment) }
        }
    }

    /// Takes somebody in again who reports, and has been taken for gone.
    /// - Throws: `Problem` 404, 403 `party_locked`, 409 `party_full`, or `not_joined` for who has never come in, or was shown out.
    func welcomeBack(_ actor: Actor, in id: SessionID) async throws {
        let member = try await database.read { tx in try members.find(actor.person, in: id, tx) }
        guard let member, member.seenAt.milliseconds > 0 else { throw Problem.conflict("not_joined", "Join the party first.") }
        if member.isPresent { floor.welcome(actor.person, in: id, at: clock.now()) } else { try await enter(id, actor) }
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

    /// Writes down who was heard of. What fails is written down the next time.
    func writeNotes() async {
        let now = clock.now()
        for notes in floor.notes(at: now) {
            do { try await write(notes, at: now) } catch {
                floor.takeBack(notes)
                logger.warning("the members of a party could not be noted", metadata: ["error": "\(error)"])
            }
        }
    }

    private func write(_ notes: PartyFloor.Notes, at now: Timestamp) async throws {
        try await database.write(.readCommitted) { tx in
            // In one order on all servers, so that none waits for another in a circle.
            guard try parties.take(notes.party, tx) != nil else { return }
            try members.see(notes.seen, in: notes.party, at: now, tx)
            for (person, trip) in notes.roundTrips { try members.setRoundTrip(trip, of: person, in: notes.party, tx) }
        }
    }
}
