import Core

/// Tells of photos, as they are after what has just been written.
struct PhotoNews: Sendable {
    let renditions: any RenditionCatalog
    let events: any EventPublisher
    private let photos = PhotoStore()
    private let sessions = SessionStore()

    init(_ renditions: any RenditionCatalog, _ events: any EventPublisher) {
        self.renditions = renditions
        self.events = events
    }

    /// Tells the desk, and the guests too if the photo is one they can see.
    /// - Parameter onlyDesk: nothing has changed that guests can see.
    func announce(_ id: PhotoID, as type: EventType, onlyDesk: Bool = false, _ tx: any Transaction) throws {
        guard let photo = try photos.find(id, tx), let session = try sessions.find(photo.sessionID, tx) else { return }
        let files = try PhotoFiles.of([photo], renditions, tx)[photo.id] ?? PhotoFiles()
        if photo.curation.binnedAt == nil { try tellDesk(photo, files, session, as: type, tx) }
        if photo.shownAt != nil, !onlyDesk { try tellGuests(photo, files, session, as: type, tx) }
    }

    func tellDesk(_ photo: Photo, _ files: PhotoFiles, _ session: Session, as type: EventType, _ tx: any Transaction) throws {
        let view = PhotoView(photo, files, session.settings, rights: .owner, grant: nil)
        try events.publish(try DurableEvent(topic: .desk(session.id), type: type, data: view), in: tx)
    }

    func tellGuests(_ photo: Photo, _ files: PhotoFiles, _ session: Session, as type: EventType, _ tx: any Transaction) throws {
        // Events outlive settings in the history: what may be taken back is not in them but only in the lists.
        var settings = session.settings
        (settings.showLocation, settings.showCamera) = (false, false)
        let view = PhotoView(photo, files, settings, rights: .view, grant: nil)
        try events.publish(
            try DurableEvent(topic: .session(session.id), type: type, data: view, subject: Self.subject(photo.id)), in: tx)
    }

    /// What events of a photo are found by when guests are not to have it any more.
    static func subject(_ photo: PhotoID) -> String { "photo:\(photo)" }
}
