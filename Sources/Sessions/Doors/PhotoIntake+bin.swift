import Core

/// Files that were on their way when their session was deleted: who sent them has been told that they are here.
extension PhotoIntake {
    /// The session that takes a file: also one that is deleted, as long as it can be brought back.
    func taking(_ id: SessionID, _ tx: any Transaction) throws -> Session? {
        if let session = try sessions.find(id, tx) { return session }
        guard let deleted = try sessions.findDeleted(id, tx), deleted.canComeBack(at: clock.now()) else { return nil }
        return deleted
    }

    /// Has a file processed. That of a deleted session waits, without a job, until the session is brought back.
    func process(_ upload: CompletedUpload, of photo: PhotoID, in session: Session, _ tx: any Transaction) throws {
        if session.deletedAt == nil { try jobs.enqueue(try job(upload, of: photo, tx), in: tx) }
    }
}
