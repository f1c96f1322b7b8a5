import Core

/// What is done to the film.
extension PartyService {
    /// Carries out a command.
    /// - Returns: the truth afterwards.
    /// - Throws: `Problem` 404, 403 `grant_missing`, 409 `stale` (with `state`, the truth there is) or `nothing_shown`, 422, 429.
    func carryOut(_ order: PartyOrder, in id: SessionID, by actor: Actor) async throws -> PartyStateView {
        try await limit(actor.person, "commands", PartyOrder.limit)
        return try await write(id) { party, moment, tx in
            try require(order.action.grant, actor, in: party, tx)
            let command = try command(order, in: party, tx)
            do {
                let before = party.room.film
                let changed = try party.room.carryOut(
                    command, by: actor.person, basedOn: order.sequence, now: moment.now, lead: moment.lead)
                if changed, party.room.film != before { try settle(&party, after: before, removing: order.action == .next, tx) }
            } catch let refusal as RoomRefusal {
                throw refusal.problem(state: try JSON.value(of: try stateView(party, at: moment.now, tx)))
            }
            return try stateView(party, at: moment.now, tx)
        }
    }

    private func command(_ order: PartyOrder, in party: Party, _ tx: any Transaction) throws -> RoomCommand {
        switch order.action {
        case .play: return .play(position: order.position)
        case .pause: return .pause(position: order.position)
        case .seek: return .seek(try order.require(order.position, "position"))
        case .rate: return .rate(try order.require(order.rate, "rate"))
        case .next: return .next(try nextFilm(in: party, tx))
        case .select:
            let wanted = try order.require(order.entryId, "entryId")
            let (entry, film) = try requireFilm(of: wanted, in: party.id, tx)
            return .select(RoomFilm(entry: entry.id, duration: film.duration))
        }
    }

    /// The truth as it is.
    /// - Throws: `Problem` 404.
    func state(of id: SessionID) async throws -> PartyStateView {
        let now = clock.now()
        return try await database.read { tx in try stateView(try find(id, tx), at: now, tx) }
    }

    /// Does what is due in a party, if it is: a wait runs out, or the film has ended and the next one begins.
    func wake(_ id: SessionID) async throws {
        try await write(id) { party, moment, tx in
            let before = party.room.film
            let next = party.room.isOver(at: moment.now) ? try nextFilm(in: party, tx) : nil
            guard party.room.wake(now: moment.now, lead: moment.lead, next: next) == .ended else { return }
            // The last film stays, and may be played again: by then nobody has voted.
            if try next != nil || before.map({ try queue.hasSkipVotes($0.entry, tx) }) ?? false {
                try settle(&party, after: before, removing: next != nil, tx)
            }
        }
    }

    /// Has the queue fit what is shown now, and tells of it.
    /// - Parameter removing: whether what was shown before has had its time.
    func settle(_ party: inout Party, after before: RoomFilm?, removing: Bool, _ tx: any Transaction) throws {
        if let before { try removing ? removeEntry(before.entry, from: party, tx) : queue.removeSkipVotes(before.entry, tx) }
        try tellQueue(&party, tx)
    }

    // MARK: Talk

    /// Sends a reaction to everybody; nothing is kept of it.
    /// - Throws: `Problem` 404, 403 `grant_missing`, 422, 429.
    func react(_ emoji: String, in id: SessionID, by actor: Actor) async throws {
        let emoji = try Emoji.checked(emoji)
        try await limit(actor.person, "reactions", RateLimit(burst: 20, interval: .milliseconds(250)))
        let now = clock.now()
        let reaction = try await database.read { tx in
            let party = try find(id, tx)
            try require(.chat, actor, in: party, tx)
            let person = PersonView(actor.person, name: try name(of: actor.person, in: id, at: now, tx))
            return ReactionNews(partyId: id, person: person, emoji: emoji, position: party.room.position(at: now))
        }
        try news.react(reaction, at: now)
    }
}

extension PartyService: ChatParties {
    func scene(
        in session: SessionID, for person: Person, at now: Timestamp, transaction: any Transaction
    ) throws -> PartyScene? {
        guard let party = try parties.find(session, transaction) else { return nil }
        let role = try members.find(person, in: session, transaction)?.role
        let entry = try party.room.film.flatMap { try queue.entry($0.entry, transaction) }
        return PartyScene(
            moment: entry.map { FilmMoment(mediaId: $0.photoID, position: party.room.position(at: now)) },
            maySpeak: role.map { party.settings.grants.held(by: $0).contains(.chat) } ?? false)
    }
}
