import Core

/// What is played, and what could be.
extension PartyService {
    /// What is to be played of an entry, with URLs that open it for somebody.
    /// - Throws: `Problem` 404 also when the film is gone, or who added it may not show it any more; 409 `not_joined`.
    func filmView(of entryID: String, in id: SessionID, for actor: Actor, as principal: Principal) async throws -> PartyFilmView {
        try await database.read { tx in
            try requireMember(actor, in: try find(id, tx), tx)
            let (entry, film) = try requireFilm(of: entryID, in: id, tx)
            guard let grant = try sessions.filmTokens(of: principal, in: id, for: [film], transaction: tx)[film.originalID]
            else { throw Problem.notFound("film") }
            func url(_ rendition: Rendition) -> String { rendition.path.granted(grant) }
            func url(_ name: RenditionName, _ format: MediaFormat? = nil) -> String? {
                film.renditions.last { $0.name == name && (format == nil || $0.format == format) }.map(url)
            }
            return PartyFilmView(
                entryId: entry.id, mediaId: film.photoID, title: film.title, duration: film.duration,
                poster: url(.poster, .jpeg) ?? url(.poster),
                sources: film.renditions.filter { $0.name == .stream }.map {
                    .init(url: url($0), type: $0.format.contentType, width: $0.width, height: $0.height)
                },
                hls: url(.hls), sprites: url(.sprite, .vtt),
                subtitles: try subtitles.list(id, of: film.photoID, tx).map { SubtitleView($0, in: id) })
        }
    }

    /// - Throws: `Problem` 404 also for a film that is not to be shown any more.
    func requireFilm(of entryID: String, in id: SessionID, _ tx: any Transaction) throws -> (QueueEntry, Film) {
        guard let entry = try queue.entries(of: id, tx).first(where: { $0.id == entryID }),
            let film = try films.films([entry.photoID], transaction: tx)[entry.photoID], try isStillShared(film, by: entry, in: id, tx)
        else { throw Problem.notFound("film") }
        return (entry, film)
    }

    /// Whether who has put a film into the queue may still do so.
    func isStillShared(_ film: Film, by entry: QueueEntry, in id: SessionID, _ tx: any Transaction) throws -> Bool {
        if film.sessionID == id || entry.isOfAdministrator { return true }
        return try entry.addedBy.userID.map { try isStaff($0, of: film.sessionID, tx) } ?? false
    }

    /// The films that somebody could put into the queue: those of the party and of all sessions of whose staff they are, the newest first.
    /// - Throws: `Problem` 404, 409 `not_joined`.
    func library(
        of id: SessionID, for actor: Actor, as principal: Principal, after cursor: Cursor?, limit: Int
    ) async throws -> Page<LibraryFilmView> {
        try await database.read { tx in
            try requireMember(actor, in: try find(id, tx), tx)
            let own = try principal.userID.map { try grants.sessions(of: $0, holding: .desk, limit: Self.mostSessions, transaction: tx) } ?? []
            let found = try films.films(in: Array(Set(own + [id])), after: cursor, limit: limit + 1, transaction: tx)
            let tokens = try sessions.filmTokens(of: principal, in: id, for: found, transaction: tx)
            let views = found.prefix(limit).map { film in
                LibraryFilmView(
                    mediaId: film.photoID, title: film.title, duration: film.duration,
                    poster: film.posterPath.map { $0.granted(tokens[film.originalID]) }, sessionId: film.sessionID,
                    sessionTitle: film.sessionTitle)
            }
            let next = found.count > limit ? found[limit - 1] : nil
            return Page(items: views, nextCursor: next.map { Cursor(key: $0.createdAt.milliseconds, id: $0.photoID.description).text })
        }
    }

    /// Sessions whose films are listed.
    private static let mostSessions = 500

    // MARK: Subtitles

    /// Adds subtitles to a film in the queue.
    /// - Throws: `Problem` 404, 403 `grant_missing`, 409 `too_many_subtitles`, 422, 429.
    func addSubtitles(
        _ bytes: some Collection<UInt8> & Sendable, label: String, language: String?, to entryID: String, in id: SessionID, by actor: Actor
    ) async throws -> SubtitleView {
        try await limit(actor.person, "subtitles", RateLimit(burst: 10, interval: .seconds(6)))
        let label = try PlainText.checked(label, length: 1...80, at: "/label", called: "A label")
        // Asked before they are read, which is work, and again when they are kept.
        _ = try await database.read { tx in try requireSubtitled(entryID, in: try find(id, tx), by: actor, tx) }
        let content = try SubtitleText.webVTT(from: bytes)
        return try await write(id) { party, moment, tx in
            let entry = try requireSubtitled(entryID, in: party, by: actor, tx)
            try requireSpace(for: content.utf8.count, in: party, tx)
            let track = SubtitleTrack(
                id: PhotoID(at: moment.now).description, photoID: entry.photoID, label: label, language: language, content: content)
            try subtitles.insert(track, in: id, at: moment.now, tx)
            try tellQueue(&party, tx)
            return SubtitleView(track, in: id)
        }
    }

    /// - Throws: `Problem` 404, 403 `grant_missing`.
    private func requireSubtitled(_ entryID: String, in party: Party, by actor: Actor, _ tx: any Transaction) throws -> QueueEntry {
        try require(.queue, actor, in: party, tx)
        let (entry, _) = try requireFilm(of: entryID, in: party.id, tx)
        guard try subtitles.list(party.id, of: entry.photoID, tx).count < SubtitleRules.maxTracks else {
            throw Problem.conflict("too_many_subtitles", "A film has at most \(SubtitleRules.maxTracks) tracks.")
        }
        return entry
    }

    /// - Throws: `Problem` 409 `too_many_subtitles`.
    private func requireSpace(for bytes: Int, in party: Party, _ tx: any Transaction) throws {
        let total = try subtitles.total(party.id, tx)
        guard total.tracks < SubtitleRules.maxTracksOfParty, total.bytes + bytes <= SubtitleRules.maxBytesOfParty else {
            throw Problem.conflict("too_many_subtitles", "The films of a party have at most \(SubtitleRules.maxTracksOfParty) tracks and 32 MiB of them.")
        }
    }

    /// - Throws: `Problem` 404.
    func subtitleText(_ track: String, of id: SessionID) async throws -> String {
        try await database.read { tx in
            guard let found = try subtitles.find(track, in: id, tx) else { throw Problem.notFound("track") }
            return found.content
        }
    }

    /// - Throws: `Problem` 404, 403 `grant_missing`.
    func removeSubtitles(_ track: String, of id: SessionID, by actor: Actor) async throws {
        try await write(id) { party, _, tx in
            try require(.queue, actor, in: party, tx)
            guard try subtitles.remove(track, from: id, tx) else { throw Problem.notFound("track") }
            try tellQueue(&party, tx)
        }
    }
}

extension Film {
    /// The plain path of a small picture of it.
    var posterPath: String? {
        let posters = renditions.filter { $0.name == .thumb || $0.name == .small }
        return (posters.last { $0.format == .jpeg } ?? posters.last)?.path
    }
}

extension SubtitleView {
    init(_ track: SubtitleTrack, in party: SessionID) {
        self.init(id: track.id, label: track.label, language: track.language, url: "/api/parties/\(party)/subtitles/\(track.id)")
    }
}
