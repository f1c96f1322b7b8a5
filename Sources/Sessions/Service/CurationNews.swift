import Core

/// Tells of photos that people have changed: the desk of all of them, guests of what they can see, and of what they can see no more; and
/// of the lists that these are on.
struct CurationNews: Sendable {
    let renditions: any RenditionCatalog
    let events: any EventPublisher & EventRewriter
    let grants: any GrantRegistry
    private let photos = PhotoStore()

    init(_ renditions: any RenditionCatalog, _ events: any EventPublisher & EventRewriter, _ grants: any GrantRegistry) {
        self.renditions = renditions
        self.events = events
        self.grants = grants
    }

    /// - Parameter before: some photos of that session, at most some hundreds, as they were.
    func changed(_ before: [Photo], of session: Session, _ tx: any Transaction) throws {
        let after = Dictionary(uniqueKeysWithValues: try photos.find(before.map(\.id), in: session.id, tx).map { ($0.id, $0) })
        let files = try PhotoFiles.of(Array(after.values), renditions, tx)
        for old in before {
            guard let new = after[old.id] else { continue }
            try tell(new, files[new.id] ?? PhotoFiles(), wasShown: old.shownAt != nil, session, tx)
        }
        let turned = before.filter { old in after[old.id].map { ($0.shownAt == nil) != (old.shownAt == nil) } ?? false }
        try OpinionNews(events, grants).turned(turned.map(\.id), tx)
    }

    /// - Parameter before: some photos of that session that are not in it any more.
    func removed(_ before: [Photo], of session: SessionID, _ tx: any Transaction) throws {
        for photo in before {
            try publish(PhotoDeleted(photo.id, session), to: .desk(session), tx)
            if photo.shownAt != nil { try withdraw(photo, session, tx) }
        }
    }

    private func tell(_ photo: Photo, _ files: PhotoFiles, wasShown: Bool, _ session: Session, _ tx: any Transaction) throws {
        let news = PhotoNews(renditions, events)
        if photo.curation.binnedAt != nil {
            try publish(PhotoDeleted(photo.id, session.id), to: .desk(session.id), tx)
        } else {
            try news.tellDesk(photo, files, session, as: SessionEvents.photoStatusUpdated, tx)
        }
        switch (wasShown, photo.shownAt != nil) {
        case (true, true): try news.tellGuests(photo, files, session, as: SessionEvents.photoStatusUpdated, tx)
        case (false, true): try news.tellGuests(photo, files, session, as: SessionEvents.newPhoto, tx)
        case (true, false): try withdraw(photo, session.id, tx)
        case (false, false): break
        }
    }

    /// Whoever comes late, or recovers, learns nothing from the history of what guests are not to see any more.
    private func withdraw(_ photo: Photo, _ session: SessionID, _ tx: any Transaction) throws {
        try events.rewrite(
            PhotoNews.subject(photo.id), of: .session(session), as: try JSON.text(PhotoView(withdrawn: photo)), in: tx)
        try publish(PhotoDeleted(photo.id, session), to: .session(session), tx)
    }

    private func publish(_ news: PhotoDeleted, to topic: Topic, _ tx: any Transaction) throws {
        try events.publish(try DurableEvent(topic: topic, type: SessionEvents.photoDeleted, data: news), in: tx)
    }
}

/// A photo that those who hear of it cannot see any more.
struct PhotoDeleted: WireType, Equatable {
    var photoId: PhotoID
    var sessionId: SessionID

    init(_ photo: PhotoID, _ session: SessionID) { (photoId, sessionId) = (photo, session) }

    static let schema = Schema.object([.field("photoId", .formatted(.uuid)), .field("sessionId", .formatted(.uuid))])
}

extension PhotoView {
    /// What is left of it in the history once it has been taken back: that there was something.
    fileprivate init(withdrawn photo: Photo) {
        var blank = photo
        (blank.facts, blank.contentType, blank.size, blank.status) = (nil, "application/octet-stream", 0, .processing)
        blank.curation = Curation(position: 0)
        self.init(blank, PhotoFiles(), SessionSettings(), rights: [], grant: nil)
    }
}
