import Core

/// Coming, going, and what everybody is.
extension PartyService {
    /// Whether somebody may come in.
    /// - Parameter actor: `nil` for somebody who comes by the code and is nobody yet.
    /// - Throws: `Problem` 404, 403 `party_locked`, 409 `party_full`.
    func requireRoom(for actor: Actor?, in id: SessionID) async throws {
        try await database.read { tx in
            let party = try find(id, tx)
            if actor?.isManager ?? false { return }
            try members.requirePlace(for: try actor.flatMap { try members.find($0.person, in: id, tx) }, in: party, tx)
        }
    }

    /// - Throws: `Problem` 429 for who comes and goes all the time.
    func limitVisits(of person: Person) async throws {
        try await limit(person, "visits", RateLimit(burst: 10, interval: .seconds(5)))
    }

    /// Writes down that somebody is there.
    /// - Throws: `Problem` 404, 401 for whoever was let in no longer, 403 `party_locked`, 409 `party_full`.
    func enter(_ id: SessionID, _ actor: Actor) async throws {
        try await write(id) { party, moment, tx in
            let known = try members.find(actor.person, in: id, tx)
            let isNews = !(known?.isPresent ?? false)
            // Asked again: others have come in meanwhile.
            if !actor.isManager { try members.requirePlace(for: known, in: party, tx) }
            var member = known ?? PartyMember(
                person: actor.person, name: "", role: .viewer, joinedAt: moment.now, seenAt: moment.now, isPresent: true)
            member.name = try name(of: actor.person, in: id, at: moment.now, tx)
            (member.seenAt, member.isPresent) = (moment.now, true)
            try members.put(member, in: id, tx)
            guard isNews else { return }
            try news.tell(.joined, member, in: party, tx)
            try handOver(in: party, tx)
        }
        floor.welcome(actor.person, in: id, at: clock.now())
    }

    /// Writes down that somebody has gone; who is not there has gone already.
    /// - Throws: `Problem` 404.
    func leave(_ id: SessionID, _ person: Person) async throws {
        floor.forget(person, in: id)
        try await write(id) { party, moment, tx in
            guard let member = try members.find(person, in: id, tx), member.isPresent else { return }
            try depart(member, from: &party, moment, tx)
        }
    }

    private func depart(_ member: PartyMember, from party: inout Party, _ moment: Moment, _ tx: any Transaction) throws {
        var member = member
        member.isPresent = false
        try members.put(member, in: party.id, tx)
        try news.tell(.left, member, in: party, tx)
        _ = party.room.left(member.person, now: moment.now, lead: moment.lead)
        if member.role == .host { try handOver(in: party, tx) }
        // Fewer are there: those who want to go on may be half of them now.
        try settleSkip(in: &party, moment, tx)
        try rest(&party, moment, tx)
    }

    /// A film that nobody watches stands, and its queue is there for those who come again.
    private func rest(_ party: inout Party, _ moment: Moment, _ tx: any Transaction) throws {
        guard party.room.isPlaying, try members.presentCount(party.id, tx) == 0 else { return }
        _ = try party.room.carryOut(.pause(), by: nil, basedOn: party.room.sequence, now: moment.now, lead: moment.lead)
    }

    /// Lets those go in whom nobody has heard of for a while.
    /// - Returns: whether there may be more.
    func releaseLapsed(from id: SessionID) async throws -> Bool {
        try await write(id) { party, moment, tx in
            let lapsed = try members.lapsed(in: id, before: moment.now - PartyMember.lease, limit: Self.atOnce, tx)
            for member in lapsed {
                try depart(member, from: &party, moment, tx)
                floor.forget(member.person, in: id)
            }
            return lapsed.count == Self.atOnce
        }
    }

    static let atOnce = 100

    // MARK: Roles

    /// Where the host has gone and somebody is there, the next one becomes host: controllers before viewers, and who came first. Who has
    /// made a party and not come yet is waited for.
    private func handOver(in party: Party, _ tx: any Transaction) throws {
        let hosts = try members.hosts(of: party.id, tx)
        guard hosts.allSatisfy({ $0.hasGone }), let heir = try members.heir(in: party.id, tx) else { return }
        for host in hosts { try setRole(.controller, of: host, in: party, tx) }
        try setRole(.host, of: heir, in: party, tx)
    }

    private func setRole(_ role: PartyRole, of member: PartyMember, in party: Party, _ tx: any Transaction) throws {
        var member = member
        member.role = role
        try members.put(member, in: party.id, tx)
        try news.tell(.role, member, in: party, tx)
    }

    /// Makes somebody something else. There is one host: who makes somebody else host becomes a controller.
    /// - Throws: `Problem` 404, 403 `grant_missing` for all but hosts and owners, 409 `host_needed` or `not_present`.
    func setRole(_ role: PartyRole, of person: Person?, in id: SessionID, by actor: Actor) async throws -> PartyMemberView {
        try await write(id) { party, _, tx in
            try requireHost(actor, in: party, tx)
            guard let person, var member = try members.find(person, in: id, tx) else { throw Problem.notFound("member") }
            if member.role == .host, role != .host {
                throw Problem.conflict("host_needed", "A party has a host: make somebody else host instead.")
            }
            guard role != .host || member.isPresent else { throw Problem.conflict("not_present", "Only somebody who is there can be host.") }
            if role == .host { for host in try members.hosts(of: id, tx) where host.person != person { try setRole(.controller, of: host, in: party, tx) } }
            if member.role != role { try setRole(role, of: member, in: party, tx) }
            member.role = role
            return PartyMemberView(member, party.settings.grants, status: floor.status(of: person, in: id))
        }
    }

    func requireHost(_ actor: Actor, in party: Party, _ tx: any Transaction) throws {
        let isHost = try members.find(actor.person, in: party.id, tx)?.role == .host
        guard isHost || actor.isManager else { throw Problem.forbidden("That is for the host.", code: "grant_missing") }
    }

    /// Shows somebody out. Guests lose what they came in by; who knows the code may come in again unless the party is locked.
    /// - Throws: `Problem` 404, 403 `grant_missing`, or `host_stays` for hosts and the owner.
    func showOut(_ person: Person?, of id: SessionID, by actor: Actor, as principal: Principal) async throws {
        let target = try await write(id) { party, moment, tx in
            try require(.kick, actor, in: party, tx)
            guard let person, let member = try members.find(person, in: id, tx) else { throw Problem.notFound("member") }
            let owner = try sessions.party(id, transaction: tx)?.ownerID
            guard member.role != .host, person.userID == nil || person.userID != owner else {
                throw Problem.forbidden("The host stays.", code: "host_stays")
            }
            try members.remove(person, from: id, tx)
            try queue.removeVotes(of: person, in: id, tx)
            _ = party.room.left(person, now: moment.now, lead: moment.lead)
            try settleSkip(in: &party, moment, tx)
            try sessions.showOut(person, of: id, by: principal, transaction: tx)
            try news.tell(.removed, member, in: party, tx)
            return person
        }
        floor.forget(target, in: id)
    }

    /// Who is and was there, those who are there first.
    /// - Throws: `Problem` 404.
    func memberViews(of id: SessionID, limit: Int = PartySettings.capacities.upperBound) async throws -> [PartyMemberView] {
        try await database.read { tx in
            let party = try find(id, tx)
            return try members.list(id, limit: limit, tx).map {
                PartyMemberView($0, party.settings.grants, status: floor.status(of: $0.person, in: id))
            }
        }
    }
}
