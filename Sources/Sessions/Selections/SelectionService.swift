public import Core

/// The rules of lists of chosen photos: how they are made, changed and removed; see `SelectionService+choosing` for what is on them.
public struct SelectionService: Sendable {
    /// Lists that are kept.
    struct Limits: Sendable {
        /// Of one session. Those of guests who are not in any more are kept for as long as there is room for them.
        var lists = 500
        /// Personal ones of one session, of those who are in: staff can still make one when guests have made as many as they may.
        var personal = 400
        /// Personal ones of one person in one session.
        var own = 5
    }

    let database: any Database
    let photos: PhotoService
    let attempts: any AttemptLimiter
    let names: NameBook
    let news: SelectionNews
    let clock: any WallClock
    var limits = Limits()
    let selections = SelectionStore()
    let choices = ChoiceStore()

    /// - Parameters:
    ///   - photos: of the same database.
    ///   - attempts: limits how fast somebody chooses.
    public init(
        database: any Database, photos: PhotoService, names: NameBook, attempts: any AttemptLimiter, events: any EventPublisher,
        clock: any WallClock
    ) {
        self.database = database
        self.photos = photos
        self.names = names
        self.attempts = attempts
        self.news = SelectionNews(events: events, grants: photos.intake.grants)
        self.clock = clock
    }

    /// Makes a list.
    /// - Throws: `Problem` 403, 404, 409 `too_many_selections`, 422, 429.
    func create(_ input: SelectionInput, in session: SessionID, by chooser: Chooser) async throws -> SelectionView {
        try await attempts.attempt("list:\(chooser.person.text)")
        let now = clock.now()
        let kind = input.kind ?? (chooser.isStaff ? .shared : .personal)
        if kind == .shared && !chooser.isStaff { throw Problem.forbidden("Only staff makes lists for all.") }
        try Self.requireStaff(chooser, setting: input.setsLimits)
        let draft = Selection(
            id: SelectionID(at: now), sessionID: session, kind: kind, name: try Self.checked(name: input.name),
            about: try Self.checked(about: input.description ?? ""), holder: chooser.person, holderName: "",
            minimum: input.minimum ?? 0, maximum: input.maximum ?? 0, closesAt: input.closesAt, createdAt: now, updatedAt: now)
        try Self.check(draft)
        return try await database.write { tx in
            guard try SessionStore().find(session, tx) != nil else { throw Problem.notFound("session") }
            var selection = draft
            selection.holderName = try names.name(of: chooser.person, in: session, at: now, transaction: tx)
            try makeRoom(for: selection, tx)
            try selections.insert(selection, tx)
            try news.updated(selection, ChoiceCounts(), tx)
            return view(selection, ChoiceCounts(), for: chooser)
        }
    }

    /// A page of the lists that somebody sees, newest first.
    /// - Throws: `Problem` 404.
    func list(of session: SessionID, after cursor: Cursor?, limit: Int, for chooser: Chooser) async throws -> Page<SelectionView> {
        let views = try await database.read { tx in
            guard try SessionStore().find(session, tx) != nil else { throw Problem.notFound("session") }
            let person = chooser.isStaff ? nil : chooser.person
            let found = try selections.list(of: session, seenBy: person, after: cursor, limit: limit + 1, tx)
            let counts = try choices.counts(of: found.map(\.id), tx)
            return found.map { view($0, counts[$0.id] ?? .init(), for: chooser) }
        }
        return Page(views, limit: limit) { Cursor(key: $0.createdAt.milliseconds, id: $0.id.description) }
    }

    /// One list.
    /// - Throws: `Problem` 404.
    func view(_ id: SelectionID, for chooser: Chooser) async throws -> SelectionView {
        try await database.read { tx in
            let selection = try seen(try selections.find(id, tx), by: chooser, tx)
            return try view(selection, for: chooser, tx)
        }
    }

    /// Changes a list.
    /// - Throws: `Problem` 403, 404, 409 `selection_submitted` or `selection_closed` for whoever is not of the staff, 422.
    func update(_ id: SelectionID, _ change: SelectionChange, by chooser: Chooser) async throws -> SelectionView {
        try Self.requireStaff(chooser, setting: change.setsLimits)
        let name = try change.name.map(Self.checked(name:))
        let about = try change.description.map(Self.checked(about:))
        return try await write(id, by: chooser) { old, now, tx in
            try old.requireHold(chooser)
            if !chooser.isStaff { try old.requireOpen(to: chooser, at: now) }
            var new = old
            new.name = name ?? old.name
            new.about = about ?? old.about
            new.minimum = change.minimum ?? old.minimum
            new.maximum = change.maximum ?? old.maximum
            new.closesAt = change.closesAt ?? old.closesAt
            try Self.check(new)
            if new != old { try store(&new, at: now, tx) }
            return try view(new, for: chooser, tx)
        }
    }

    /// Removes a list; what is gone already is so.
    /// - Throws: `Problem` 403, 404, 409 `selection_submitted` for whoever is not of the staff.
    func remove(_ id: SelectionID, by chooser: Chooser) async throws {
        try await write(id, by: chooser) { selection, now, tx in
            try selection.requireHold(chooser)
            if !chooser.isStaff && selection.state == .submitted { throw Selection.submitted }
            try selections.remove(id, tx)
            try news.deleted(selection, tx)
        }
    }

    /// The session that a list is of; `nil` when there is no such list.
    func session(of id: SelectionID) async throws -> SessionID? {
        try await database.read { tx in try selections.find(id, tx)?.sessionID }
    }

    // MARK: Parts

    /// Runs a body in one transaction that begins by taking a list, which somebody must see.
    /// - Throws: `Problem` 404, and what the body throws.
    func write<Value: Sendable>(
        _ id: SelectionID, by chooser: Chooser,
        _ body: @escaping @Sendable (Selection, Timestamp, any Transaction) throws -> Value
    ) async throws -> Value {
        let now = clock.now()
        return try await database.write(.readCommitted) { tx in
            try body(try seen(try selections.take(id, tx), by: chooser, tx), now, tx)
        }
    }

    /// - Throws: `Problem` 404 for what is not there, or not for them.
    func seen(_ found: Selection?, by chooser: Chooser, _ tx: any Transaction) throws -> Selection {
        guard let found, found.isSeen(by: chooser), try SessionStore().find(found.sessionID, tx) != nil else {
            throw Problem.notFound("selection")
        }
        return found
    }

    func view(_ selection: Selection, for chooser: Chooser, _ tx: any Transaction) throws -> SelectionView {
        view(selection, try counts(of: selection.id, tx), for: chooser)
    }

    private func view(_ selection: Selection, _ counts: ChoiceCounts, for chooser: Chooser) -> SelectionView {
        SelectionView(selection, counts, forStaff: chooser.isStaff, tellsNames: selection.tellsNotes(chooser))
    }

    func counts(of id: SelectionID, _ tx: any Transaction) throws -> ChoiceCounts {
        try choices.counts(of: [id], tx)[id] ?? ChoiceCounts()
    }

    /// Writes down a changed list and tells of it.
    func store(_ selection: inout Selection, at now: Timestamp, _ tx: any Transaction) throws {
        selection.updatedAt = now
        try selections.update(selection, tx)
        try news.updated(selection, try counts(of: selection.id, tx), tx)
    }

    private static func requireStaff(_ chooser: Chooser, setting limits: Bool) throws {
        if limits && !chooser.isStaff { throw Problem.forbidden("Only staff sets the limits of lists.") }
    }

    private static func check(_ selection: Selection) throws {
        guard selection.maximum == 0 || selection.minimum <= selection.maximum else {
            throw Problem.invalid("/minimum", "minimum must not be above maximum.")
        }
    }

    private static func checked(name: String) throws -> String {
        try PlainText.checked(name, length: 1...100, at: "/name", called: "A list's name")
    }

    private static func checked(about: String) throws -> String {
        try PlainText.checked(about, length: 0...1000, at: "/description", called: "A description")
    }
}
