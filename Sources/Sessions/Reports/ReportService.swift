public import Core

/// The rules of reports.
public struct ReportService: Sendable {
    /// Open reports of a session, and of a photo: more of that say nothing new. As many that were dealt with are kept of a session.
    struct Limits: Sendable {
        var ofSession = 5000
        var ofPhoto = 50
    }

    let desk: PhotoDesk
    let attempts: any AttemptLimiter
    let names: NameBook
    let events: any EventPublisher
    let clock: any WallClock
    var limits = Limits()
    private var database: any Database { desk.database }
    private let reports = ReportStore()

    /// - Parameters:
    ///   - desk: hides photos.
    ///   - attempts: limits how fast somebody reports.
    public init(
        _ desk: PhotoDesk, names: NameBook, attempts: any AttemptLimiter, events: any EventPublisher, clock: any WallClock
    ) {
        self.desk = desk
        self.attempts = attempts
        self.names = names
        self.events = events
        self.clock = clock
    }

    /// Notes that somebody wishes a photo to be seen no more; whoever has said so already is heard already.
    /// - Throws: `Problem` 404 also for a photo that they are not shown, 409 `too_many_reports`, 422, 429.
    func report(_ photo: PhotoID, _ input: ReportInput, by chooser: Chooser) async throws {
        try await attempts.attempt("report:\(chooser.person.text)")
        let text = try PlainText.checked(input.text ?? "", length: ReportInput.length, at: "/text", called: "A report")
        let now = clock.now()
        try await database.write(.readCommitted) { tx in
            guard let found = try PhotoStore().find(photo, tx), found.shownAt != nil || chooser.isStaff,
                try SessionStore().find(found.sessionID, tx) != nil
            else { throw Problem.notFound("photo") }
            let counts = try reports.openCounts(of: found.sessionID, photo, tx)
            if counts.ofPhoto >= limits.ofPhoto { return }
            guard counts.ofSession < limits.ofSession else {
                throw Problem.conflict("too_many_reports", "Too much has been reported here that nobody has dealt with; nothing more can be.")
            }
            let report = PhotoReport(
                id: ReportID(at: now), sessionID: found.sessionID, photoID: photo, person: chooser.person,
                personName: try names.name(of: chooser.person, in: found.sessionID, at: now, transaction: tx),
                reason: input.reason, text: text, createdAt: now)
            if try reports.insert(report, tx) { try tell(SessionEvents.photoReported, [report], tx) }
        }
    }

    /// A page of a session's reports: open ones first, then newest first.
    /// - Throws: `Problem` 400 `bad_cursor`, 404.
    func list(of session: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<PhotoReportView> {
        let place = try cursor.map(ReportStore.Place.init)
        let found = try await database.read { tx in
            guard try SessionStore().find(session, tx) != nil else { throw Problem.notFound("session") }
            return try reports.list(of: session, after: place, limit: limit + 1, tx)
        }
        let next = found.count > limit ? ReportStore.Place(found[limit - 1]).cursor.text : nil
        return Page(items: found.prefix(limit).map(PhotoReportView.init), nextCursor: next)
    }

    /// Deals with a report; one that was dealt with before stays as it is.
    /// - Throws: `Problem` 403, 404.
    func resolve(_ id: ReportID, as resolution: PhotoReport.Resolution, by editor: PhotoDesk.Editor) async throws -> PhotoReportView {
        guard let person = Person(editor.principal) else { throw Problem.unauthorized() }
        let now = clock.now()
        return try await database.write { tx in
            guard let report = try reports.find(id, tx), let session = try SessionStore().find(report.sessionID, tx) else {
                throw Problem.notFound("report")
            }
            if report.resolution != nil { return PhotoReportView(report) }
            if resolution == .hide { try hide(report.photoID, in: session, by: editor, at: now, tx) }
            let name = try names.name(of: person, in: session.id, at: now, transaction: tx)
            let open = resolution == .hide ? try reports.open(of: report.photoID, tx) : [report]
            let resolved = open.map { $0.resolved(as: resolution, by: name, at: now) }
            for report in resolved { try reports.resolve(report, tx) }
            try reports.forgetResolved(of: session.id, keeping: limits.ofSession, tx)
            try tell(SessionEvents.reportResolved, resolved, tx)
            return PhotoReportView(resolved.first { $0.id == id } ?? report)
        }
    }

    private func hide(
        _ photo: PhotoID, in session: Session, by editor: PhotoDesk.Editor, at now: Timestamp, _ tx: any Transaction
    ) throws {
        if let refusal = try desk.apply(.hide, to: [photo], in: session, by: editor, from: 0, at: now, tx).first ?? nil {
            throw refusal.problem
        }
    }

    /// The session that a report is of; `nil` when there is no such report.
    func session(of id: ReportID) async throws -> SessionID? {
        try await database.read { tx in try reports.find(id, tx)?.sessionID }
    }

    /// - Parameter some: reports of one photo, as they are now.
    private func tell(_ type: EventType, _ some: [PhotoReport], _ tx: any Transaction) throws {
        guard let photo = some.first?.photoID else { return }
        let count = try reports.openCount(of: photo, tx)
        for report in some {
            let news = ReportNews(report, count: count)
            try events.publish(try DurableEvent(topic: .desk(report.sessionID), type: type, data: news), in: tx)
        }
    }
}
