import Core

/// What is shown next.
extension PartyService {
    /// Something that is done with the queue.
    enum QueueChange: Sendable, Equatable {
        case add(PhotoID)
        case remove(String)
        case move(String, to: Int)
        case vote(String, isFor: Bool)
        /// To go on to the next, once half of those who are there want to.
        case skip(Bool)

        /// What one needs for it; votes are everybody's.
        var grant: PartyGrant? {
            switch self {
            case .add, .remove, .move: .queue
            case .vote, .skip: nil
            }
        }

        var isVote: Bool { grant == nil }
    }

    /// Does something with the queue. The first film of an empty one is shown, and stands until somebody plays it.
    /// - Throws: `Problem` 404, 403 `grant_missing`, 409 `not_joined`, `queue_full`, `film_queued`, `film_endless` or
    ///   `nothing_shown`, 422, 429.
    func change(_ change: QueueChange, of id: SessionID, by actor: Actor, as principal: Principal) async throws -> PartyQueueView {
        try await limit(actor.person, "queue", RateLimit(burst: 40, interval: .milliseconds(500)))
        return try await write(id) { party, moment, tx in
            if let grant = change.grant { try require(grant, actor, in: party, tx) } else { try requireMember(actor, in: party, tx) }
            let before = party.room.film
            let isNews = try apply(change, to: &party, by: actor, as: principal, moment, tx)
            let isDue = isNews && (!change.isVote || party.room.film != before || votes.isDue(id, at: moment.now))
            let sheet = isDue ? try tellQueue(&party, tx) : try sheet(of: party, tx)
            return try view(sheet, for: actor.person, as: principal, tx)
        }
    }

    /// Tells a party of the votes that it was not told of at once.
    /// - Throws: `Problem` 404.
    func tellVotes(of id: SessionID) async throws {
        try await write(id) { party, _, tx in _ = try tellQueue(&party, tx) }
    }

    /// - Returns: whether there is anything new.
    private func apply(
        _ change: QueueChange, to party: inout Party, by actor: Actor, as principal: Principal, _ moment: Moment, _ tx: any Transaction
    ) throws -> Bool {
        switch change {
        case .add(let photo):
            let film = try requireFilm(photo, in: party, as: principal, tx)
            return try add(film, to: &party, by: actor, as: principal, moment, tx)
        case .remove(let entry):
            try requireEntry(entry, in: party, tx)
            if party.room.film?.entry == entry {
                try require(.skip, actor, in: party, tx)
                try replace(in: &party, by: actor.person, moment, tx)
            }
            try removeEntry(entry, from: party, tx)
            return true
        case .move(let entry, let index):
            guard let moved = try queue.entries(of: party.id, tx).moving(entry, to: index) else { throw Problem.notFound("entry") }
            for entry in moved { try queue.setPin(entry.pin, of: entry.id, tx) }
            return !moved.isEmpty
        case .vote(let entry, let isFor):
            try requireEntry(entry, in: party, tx)
            return try isFor
                ? queue.vote(actor.person, entry, isSkip: false, in: party.id, tx) : queue.unvote(actor.person, entry, isSkip: false, tx)
        case .skip(let wants): return try skip(wants, in: &party, by: actor, moment, tx)
        }
    }

    private func requireEntry(_ entry: String, in party: Party, _ tx: any Transaction) throws {
        guard try queue.entries(of: party.id, tx).contains(where: { $0.id == entry }) else { throw Problem.notFound("entry") }
    }

    // MARK: Adding

    /// - Throws: `Problem` 404 also for a film that the one who adds it may not show to others, 409 `film_endless`.
    func requireFilm(
        _ photo: PhotoID, in party: Party, as principal: Principal, _ tx: any Transaction
    ) throws -> Film {
        guard let film = try films.films([photo], transaction: tx)[photo], try film.sessionID == party.id || mayShow(film, principal, tx)
        else { throw Problem.notFound("film") }
        guard film.duration != nil else { throw Problem.conflict("film_endless", "Nobody knows how long the film is: it cannot be watched in step.") }
        return film
    }

    /// Whether somebody may show a film of another session to people who have no part in that: its staff may.
    private func mayShow(_ film: Film, _ principal: Principal, _ tx: any Transaction) throws -> Bool {
        if principal.role == .admin { return true }
        return try principal.userID.map { try isStaff($0, of: film.sessionID, tx) } ?? false
    }

    func isStaff(_ user: UserID, of session: SessionID, _ tx: any Transaction) throws -> Bool {
        try grants.membership(of: user, in: session, transaction: tx)?.rights.contains(.desk) ?? false
    }

    func add(
        _ film: Film, to party: inout Party, by actor: Actor, as principal: Principal, _ moment: Moment, _ tx: any Transaction
    ) throws -> Bool {
        let entries = try queue.entries(of: party.id, tx)
        guard !entries.contains(where: { $0.photoID == film.photoID }) else {
            throw Problem.conflict("film_queued", "The film is in the queue already.")
        }
        guard entries.count < QueueRules.maxEntries else {
            throw Problem.conflict("queue_full", "A queue has at most \(QueueRules.maxEntries) films.")
        }
        let entry = QueueEntry(
            id: PhotoID(at: moment.now).description, photoID: film.photoID, addedBy: actor.person,
            adderName: try name(of: actor.person, in: party.id, at: moment.now, tx), isOfAdministrator: principal.role == .admin, votes: 0,
            // Those that come in one moment have an order, too.
            addedAt: max(moment.now, (entries.map(\.addedAt).max() ?? .init(milliseconds: 0)) + .milliseconds(1)))
        try queue.insert(entry, in: party.id, tx)
        // Where nothing is shown, or nothing more, it is next.
        guard party.room.film == nil || party.room.action == .end else { return true }
        let before = party.room.film
        try show(RoomFilm(entry: entry.id, duration: film.duration), in: &party, by: actor.person, moment, tx)
        if let before { try removeEntry(before.entry, from: party, tx) }
        return true
    }

    private func show(_ film: RoomFilm, in party: inout Party, by person: Person?, _ moment: Moment, _ tx: any Transaction) throws {
        _ = try party.room.carryOut(.select(film), by: person, basedOn: party.room.sequence, now: moment.now, lead: moment.lead)
    }

    // MARK: Going on

    private func skip(
        _ wants: Bool, in party: inout Party, by actor: Actor, _ moment: Moment, _ tx: any Transaction
    ) throws -> Bool {
        guard let film = party.room.film else { throw Problem.conflict("nothing_shown", "There is no film to do this to.") }
        guard wants else { return try queue.unvote(actor.person, film.entry, isSkip: true, tx) }
        let isNews = try queue.vote(actor.person, film.entry, isSkip: true, in: party.id, tx)
        return try goOnIfWanted(in: &party, moment, tx) || isNews
    }

    /// Goes on to the next film if that has become the will of half of those who are there, and tells of the votes if there are any.
    func settleSkip(in party: inout Party, _ moment: Moment, _ tx: any Transaction) throws {
        guard let film = party.room.film, try queue.hasSkipVotes(film.entry, tx) else { return }
        _ = try goOnIfWanted(in: &party, moment, tx)
        try tellQueue(&party, tx)
    }

    private func goOnIfWanted(in party: inout Party, _ moment: Moment, _ tx: any Transaction) throws -> Bool {
        guard let film = party.room.film else { return false }
        let votes = try queue.skipVotes(film.entry, in: party.id, tx)
        guard votes > 0, votes >= (try skipsNeeded(in: party, tx)) else { return false }
        let next = RoomCommand.next(try nextFilm(in: party, tx))
        _ = try party.room.carryOut(next, by: nil, basedOn: party.room.sequence, now: moment.now, lead: moment.lead)
        try removeEntry(film.entry, from: party, tx)
        return true
    }

    /// Takes an entry out, and what was given to its film: a film is in a queue once.
    func removeEntry(_ id: String, from party: Party, _ tx: any Transaction) throws {
        if let photo = try queue.entry(id, tx)?.photoID { try subtitles.removeAll(of: photo, in: party.id, tx) }
        try queue.remove(id, tx)
    }

    /// Half of those who are there.
    private func skipsNeeded(in party: Party, _ tx: any Transaction) throws -> Int {
        max(1, (try members.presentCount(party.id, tx) + 1) / 2)
    }

    /// Shows the next film as the present one was: a party that stood stands.
    private func replace(in party: inout Party, by person: Person, _ moment: Moment, _ tx: any Transaction) throws {
        if let next = try nextFilm(in: party, tx) { return try show(next, in: &party, by: person, moment, tx) }
        _ = try party.room.carryOut(.next(nil), by: person, basedOn: party.room.sequence, now: moment.now, lead: moment.lead)
    }

    /// The film after the one that is shown; what cannot be shown any more is passed over.
    func nextFilm(in party: Party, _ tx: any Transaction) throws -> RoomFilm? {
        let others = try queue.entries(of: party.id, tx).inOrder.filter { $0.id != party.room.film?.entry }
        let films = try films.films(others.map(\.photoID), transaction: tx)
        for entry in others {
            if let film = films[entry.photoID], try isStillShared(film, by: entry, in: party.id, tx) {
                return RoomFilm(entry: entry.id, duration: film.duration)
            }
        }
        return nil
    }

    // MARK: Views

    /// The queue as everybody sees it, and the films in it.
    struct QueueSheet {
        var view: PartyQueueView
        var films: [PhotoID: Film]
    }

    /// The queue as somebody sees it.
    /// - Throws: `Problem` 404.
    func queueView(of id: SessionID, for actor: Actor, as principal: Principal) async throws -> PartyQueueView {
        try await database.read { tx in try view(try sheet(of: try find(id, tx), tx), for: actor.person, as: principal, tx) }
    }

    private func view(
        _ sheet: QueueSheet, for person: Person, as principal: Principal, _ tx: any Transaction
    ) throws -> PartyQueueView {
        var view = sheet.view
        let tokens = try sessions.filmTokens(of: principal, in: view.partyId, for: Array(sheet.films.values), transaction: tx)
        for index in view.entries.indices {
            let token = sheet.films[view.entries[index].mediaId].flatMap { tokens[$0.originalID] }
            view.entries[index].posterPath = view.entries[index].posterPath.map { $0.granted(token) }
        }
        let votes = try queue.votes(of: person, in: view.partyId, tx)
        view.myVotes = votes.entries
        view.mySkip = votes.skips.contains { $0 == view.currentId }
        return view
    }

    /// Tells of the queue as it is now.
    @discardableResult
    func tellQueue(_ party: inout Party, _ tx: any Transaction) throws -> QueueSheet {
        party.queueRevision += 1
        let sheet = try sheet(of: party, tx)
        try news.tell(sheet.view, tx)
        return sheet
    }

    private func sheet(of party: Party, _ tx: any Transaction) throws -> QueueSheet {
        let entries = try queue.entries(of: party.id, tx).inOrder
        let found = try films.films(entries.map(\.photoID), transaction: tx)
        let tracks = try subtitles.counts(party.id, tx)
        let current = party.room.film?.entry
        let view = PartyQueueView(
            partyId: party.id, revision: party.queueRevision, currentId: current,
            entries: entries.map { PartyQueueView.Entry($0, found[$0.photoID], subtitles: tracks[$0.photoID] ?? 0) },
            skipVotes: try current.map { try queue.skipVotes($0, in: party.id, tx) } ?? 0, skipNeeded: try skipsNeeded(in: party, tx))
        return QueueSheet(view: view, films: found)
    }
}

extension PartyQueueView.Entry {
    /// - Parameter film: `nil` when it cannot be seen any more.
    fileprivate init(_ entry: QueueEntry, _ film: Film?, subtitles: Int) {
        self.init(
            id: entry.id, mediaId: entry.photoID, title: film?.title ?? "", duration: film?.duration, width: film?.width,
            height: film?.height, posterPath: film?.posterPath, addedBy: PersonView(entry.addedBy, name: entry.adderName), votes: entry.votes,
            subtitles: subtitles)
    }
}
