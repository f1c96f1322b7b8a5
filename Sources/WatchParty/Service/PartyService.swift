import Core
import Logging

/// The rules of parties: what is common to all of them.
///
/// The truth is in the database alone. Whatever changes it is one transaction that takes the party's row, asks `Room`, and writes down
/// what came of it together with the event; so every server can do it, and none has to remember.
struct PartyService: Sendable {
    let database: any Database
    let sessions: any PartySessions
    let films: any FilmLibrary
    let grants: any GrantRegistry & SessionMemberships
    let names: NameBook
    let news: PartyNews
    let limiter: any RateLimiter
    /// What the members of this server say of their players.
    let floor: PartyFloor
    let votes = PartyVotes()
    /// When something is due next.
    let alarm: PartyAlarm
    let clock: any WallClock
    let logger: Logger
    let parties = PartyStore()
    let members = PartyMemberStore()
    let queue = PartyQueueStore()
    let subtitles = SubtitleStore()

    /// Runs a body in one transaction that begins by taking a party. What the body does to the room is stored, and told if it is another
    /// truth.
    /// - Throws: `Problem` 404, and what the body throws.
    func write<Value: Sendable>(
        _ id: SessionID, _ body: @escaping @Sendable (inout Party, Moment, any Transaction) throws -> Value
    ) async throws -> Value {
        try await database.write(.readCommitted) { tx in
            guard let old = try parties.take(id, tx) else { throw Problem.notFound("party") }
            var party = old
            let moment = try moment(in: party, tx)
            let value = try body(&party, moment, tx)
            guard party != old else { return value }
            party.updatedAt = moment.now
            try parties.update(party, tx)
            if party.room.sequence != old.room.sequence { try news.tell(try stateView(party, at: moment.now, tx), tx) }
            let (alarm, wakesAt) = (alarm, party.room.wakesAt)
            tx.afterCommit { alarm.set(id, at: wakesAt) }
            return value
        }
    }

    /// When a change is made, and how far ahead it takes effect.
    struct Moment: Sendable {
        var now: Timestamp
        var lead: Duration
    }

    /// The moment of a change in a party that has just been taken: it may have waited for that, while others changed the party. It is
    /// never before theirs, whose server's clock may be a little ahead; one that was quite wrong is not believed.
    private func moment(in party: Party, _ tx: any Transaction) throws -> Moment {
        let now = clock.now()
        let last = party.updatedAt - now <= Schedule.farthest ? party.updatedAt : now
        let trip = try members.longestRoundTrip(party.id, tx).map(Double.init)
        return Moment(now: max(now, last), lead: Schedule.lead(highestRoundTrip: trip))
    }

    /// - Throws: `Problem` 404.
    func find(_ id: SessionID, _ tx: any Transaction) throws -> Party {
        guard let party = try parties.find(id, tx), try sessions.party(id, transaction: tx) != nil else { throw Problem.notFound("party") }
        return party
    }

    /// What somebody is; owners may everything without having come.
    /// - Throws: `Problem` 409 `not_joined` for who has not come in.
    @discardableResult
    func requireMember(_ actor: Actor, in party: Party, _ tx: any Transaction) throws -> PartyRole {
        if let member = try members.find(actor.person, in: party.id, tx) { return actor.isManager ? .host : member.role }
        guard actor.isManager else { throw Problem.conflict("not_joined", "Join the party first.") }
        return .host
    }

    /// - Throws: `Problem` 403 unless somebody's role has the grant, 409 `not_joined`.
    func require(_ grant: PartyGrant, _ actor: Actor, in party: Party, _ tx: any Transaction) throws {
        let role = try requireMember(actor, in: party, tx)
        guard party.settings.grants.held(by: role).contains(grant) else {
            throw Problem.forbidden("The host has not left that to you.", code: "grant_missing")
        }
    }

    /// What somebody calls themselves now; empty for a guest without a name.
    /// - Throws: `Problem` 401 for whoever was let in no longer.
    func name(of person: Person, in party: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> String {
        try names.name(of: person, in: party, at: now, transaction: tx)
    }

    /// - Throws: `Problem` 429.
    func limit(_ person: Person, _ what: String, _ limit: RateLimit) async throws {
        if let wait = await limiter.take("party.\(what):\(person.text)", limit) { throw Problem.tooMany(retryAfter: wait) }
    }

    // MARK: Views

    func stateView(_ party: Party, at now: Timestamp, _ tx: any Transaction) throws -> PartyStateView {
        let room = party.room
        let entry = try room.film.flatMap { film in try queue.entry(film.entry, tx) }
        return PartyStateView(
            partyId: party.id, sequence: room.sequence, entryId: room.film?.entry, mediaId: entry?.photoID,
            duration: room.film?.duration, playing: room.truth.isMoving, position: room.truth.position, rate: room.truth.rate,
            at: room.truth.at.milliseconds, held: room.isHeld,
            waitingFor: try room.waits.current.map { wait in
                PartyStateView.Wait(person: try view(of: wait.person, in: party.id, tx), until: wait.until.milliseconds)
            },
            action: room.action.rawValue, by: try room.by.map { try view(of: $0, in: party.id, tx) }, serverTime: now.milliseconds)
    }

    private func view(of person: Person, in party: SessionID, _ tx: any Transaction) throws -> PersonView {
        let name = try members.find(person, in: party, tx)?.name ?? names.lastName(of: person, transaction: tx)
        return PersonView(person, name: name ?? "")
    }
}

/// Who does something in a party, once the policy has let them.
struct Actor: Sendable, Equatable {
    var person: Person
    /// Whether they own the party, and may everything whatever their role.
    var isManager: Bool

    /// Somebody who is known to be there, and owns nothing.
    init(_ person: Person) { (self.person, isManager) = (person, false) }

    /// - Parameter resource: the party's session, with what the principal holds there.
    /// - Throws: `Problem` 401 for a stranger.
    init(_ principal: Principal, in resource: Resource) throws {
        guard let person = Person(principal) else { throw Problem.unauthorized() }
        self.person = person
        isManager = Policy.allows(principal, .manageParty, resource) == .allow
    }
}
