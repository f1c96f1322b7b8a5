import Core

/// Several files of one picture: one photo.
extension PhotoIntake {
    /// How many photos of the same name are looked at, the newest first.
    private static let candidates = 32

    /// The photo that a file belongs to.
    func partner(of file: PairedFile, in session: SessionID, _ tx: any Transaction) throws -> Photo? {
        let times = file.arrivedAt - pairing.window...file.arrivedAt + pairing.window
        let found = try photos.find(stem: file.stem, in: session, between: times, limit: Self.candidates, tx)
        let others = try companions.of(found.map(\.id), tx)
        return found.first { pairing.joins(file, $0, others[$0.id] ?? []) }
    }

    /// Adds a file to a photo: in the place of the displayed one if it is better to look at, which then stays beside it.
    func join(_ upload: CompletedUpload, _ file: PairedFile, _ photo: Photo, in session: Session, _ tx: any Transaction) throws {
        guard let part = photo.part, file.part.outranks(part) else {
            try companions.insert(upload, file, of: photo.id, tx)
            return try announce(photo.id, as: SessionEvents.photoStatusUpdated, onlyDesk: true, tx)
        }
        try companions.insertDisplayed(photo, contentType: contentType(of: photo), at: upload.completedAt, tx)
        try photos.display(upload, file, in: photo.id, tx)
        try askAgain(about: photo, showing: upload, in: session, tx)
        try jobs.cancel(photo.originalID, in: tx)
        try process(upload, of: photo.id, in: session, tx)
        try CurationNews(renditions, events, grants).changed([photo], of: session, tx)
    }

    /// What was approved is not what is displayed now: guests see it once somebody has looked at that, too.
    private func askAgain(about photo: Photo, showing upload: CompletedUpload, in session: Session, _ tx: any Transaction) throws {
        guard photo.curation.review == .approved, try review(of: upload, in: session, tx) == .pending else { return }
        var photo = photo
        (photo.curation.review, photo.curation.note) = (.pending, nil)
        (photo.curation.reviewerID, photo.curation.reviewedAt) = (nil, nil)
        try photos.setCuration(photo, at: clock.now(), tx)
    }

    /// What the content turned out to be, else what the name says: nothing looks at a companion any more.
    private func contentType(of photo: Photo) -> String {
        photo.facts?.contentType
            ?? DeclaredFile(filename: photo.filename, contentType: photo.contentType)?.contentType
            ?? "application/octet-stream"
    }
}
