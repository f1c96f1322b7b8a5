import Core

/// Tells of what people think of photos when these are taken from sight, come back, or are no more in their session.
struct OpinionNews: Sendable {
    let events: any EventPublisher
    let grants: any GrantRegistry
    private let selections = SelectionStore()
    private let choices = ChoiceStore()
    private let reports = ReportStore()

    init(_ events: any EventPublisher, _ grants: any GrantRegistry) {
        self.events = events
        self.grants = grants
    }

    /// Tells once of each list that some photos are on, which guests are shown now, or no more.
    /// - Parameter photos: at most some hundreds.
    func turned(_ photos: [PhotoID], _ tx: any Transaction) throws {
        if photos.isEmpty { return }
        try tell(try selections.take(having: photos, tx), tx)
    }

    /// Does what takes photos from their sessions together with what people think of them, and tells once of each list that they were
    /// on, and of each photo that was reported.
    /// - Parameter photos: at most some hundreds.
    func leaving(_ photos: [PhotoID], _ tx: any Transaction, _ removal: () throws -> Void) throws {
        if photos.isEmpty { return }
        let (lists, reported) = (try selections.take(having: photos, tx), try reports.reported(among: photos, tx))
        try removal()
        try tell(lists, tx)
        for news in reported {
            try events.publish(try DurableEvent(topic: .desk(news.sessionId), type: SessionEvents.reportResolved, data: news), in: tx)
        }
    }

    private func tell(_ lists: [Selection], _ tx: any Transaction) throws {
        let news = SelectionNews(events: events, grants: grants)
        // Databases take so many values in one statement.
        for start in stride(from: 0, to: lists.count, by: 500) {
            let some = lists[start...].prefix(500)
            let counts = try choices.counts(of: some.map(\.id), tx)
            for list in some { try news.updated(list, counts[list.id] ?? ChoiceCounts(), tx) }
        }
    }
}
