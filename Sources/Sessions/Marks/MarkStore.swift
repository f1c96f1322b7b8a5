import Core

/// The SQL of what people think of photos: a row for each mark, and how many there are with the photo, written together.
///
/// A person's marks in a session are found by `(session_id, person, kind)`.
struct MarkStore: Sendable {
    /// - Returns: whether it is news.
    func add(_ mark: PhotoMark, to photo: PhotoID, in session: SessionID, by person: Person, at now: Timestamp, _ tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO photo_marks (photo_id, person, kind, session_id, created_at)
            VALUES (\(photo), \(person), \(mark), \(session), \(now)) ON CONFLICT (photo_id, person, kind) DO NOTHING
            """) == 1
    }

    /// - Returns: whether it is news.
    func remove(_ mark: PhotoMark, from photo: PhotoID, by person: Person, _ tx: any Transaction) throws -> Bool {
        try tx.execute("DELETE FROM photo_marks WHERE photo_id = \(photo) AND person = \(person) AND kind = \(mark)") == 1
    }

    /// Notes that a photo has so many marks more, or fewer.
    /// - Returns: whether there is (still) such a photo.
    func count(_ mark: PhotoMark, of photo: PhotoID, by change: Int, _ tx: any Transaction) throws -> Bool {
        let column: SQL = mark == .like ? "likes" : "favourites"
        return try tx.execute("UPDATE photos SET \(sql: column) = \(sql: column) + \(change) WHERE id = \(photo)") == 1
    }

    /// How many people like a photo.
    func likes(of photo: PhotoID, _ tx: any Transaction) throws -> Int {
        try tx.first("SELECT likes FROM photos WHERE id = \(photo)")?.get("likes") ?? 0
    }

    /// What somebody thinks of at most some hundreds of photos.
    func marks(of photos: [PhotoID], by person: Person, _ tx: any Transaction) throws -> [PhotoID: Set<PhotoMark>] {
        let rows = try tx.query("SELECT photo_id, kind FROM photo_marks WHERE photo_id IN \(list: photos) AND person = \(person)")
        return try rows.reduce(into: [:]) { try $0[$1.get("photo_id"), default: []].insert($1.get("kind")) }
    }

    /// Gives the marks of somebody to somebody else who has none.
    func pass(from old: Person, to new: Person, in session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE photo_marks SET person = \(new) WHERE session_id = \(session) AND person = \(old)")
    }

    func remove(of photos: [PhotoID], _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM photo_marks WHERE photo_id IN \(list: photos)")
    }
}
