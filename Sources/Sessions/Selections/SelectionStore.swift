import Core

/// The SQL of lists of chosen photos.
struct SelectionStore: Sendable {
    private static let columns: SQL =
        """
        id, session_id, kind, name, about, holder, holder_name, minimum, maximum, closes_at, created_at, updated_at, submitted_at,
        submitted_by
        """

    func insert(_ selection: Selection, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO selections (id, session_id, kind, name, about, holder, holder_name, minimum, maximum, closes_at, created_at,
                updated_at)
            VALUES (\(selection.id), \(selection.sessionID), \(selection.kind), \(selection.name), \(selection.about),
                \(selection.holder), \(selection.holderName), \(selection.minimum), \(selection.maximum), \(selection.closesAt),
                \(selection.createdAt), \(selection.updatedAt))
            """)
    }

    func update(_ selection: Selection, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE selections SET name = \(selection.name), about = \(selection.about), minimum = \(selection.minimum),
                maximum = \(selection.maximum), closes_at = \(selection.closesAt), updated_at = \(selection.updatedAt),
                submitted_at = \(selection.submittedAt), submitted_by = \(selection.submittedBy)
            WHERE id = \(selection.id)
            """)
    }

    func find(_ id: SelectionID, _ tx: any Transaction) throws -> Selection? {
        try tx.first("SELECT \(sql: Self.columns) FROM selections WHERE id = \(id)").map(selection)
    }

    /// Finds a list and holds it until the transaction ends: whoever changes it, or what is on it, comes one after another.
    func take(_ id: SelectionID, _ tx: any Transaction) throws -> Selection? {
        try tx.query("UPDATE selections SET kind = kind WHERE id = \(id) RETURNING \(sql: Self.columns)").first.map(selection)
    }

    /// Finds the lists that some photos are on, in order, and holds them as `take` does.
    func take(having photos: [PhotoID], _ tx: any Transaction) throws -> [Selection] {
        try tx.query(
            """
            UPDATE selections SET kind = kind
            WHERE id IN (SELECT selection_id FROM selection_photos WHERE photo_id IN \(list: photos))
            RETURNING \(sql: Self.columns)
            """
        ).map(selection).sorted { $0.id < $1.id }
    }

    /// Newest first, from after `cursor`.
    /// - Parameter person: whose personal lists there are besides those for all; `nil` for everybody's.
    func list(
        of session: SessionID, seenBy person: Person?, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> [Selection] {
        let seen: SQL = person.map { "AND (kind = \(Selection.Kind.shared) OR holder = \($0))" } ?? ""
        let after = cursor ?? Cursor(key: .max, id: "")
        return try tx.query(
            """
            SELECT \(sql: Self.columns) FROM selections
            WHERE session_id = \(session) \(sql: seen)
                AND (created_at < \(after.key) OR (created_at = \(after.key) AND id < \(after.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(selection)
    }

    /// How many lists of a session are whose.
    func tallies(of session: SessionID, _ tx: any Transaction) throws -> [Tally] {
        try tx.query("SELECT kind, holder, COUNT(*) AS lists FROM selections WHERE session_id = \(session) GROUP BY kind, holder").map { row in
            Tally(kind: try row.get("kind"), holder: try row.get("holder"), count: try row.get("lists"))
        }
    }

    struct Tally: Sendable, Equatable {
        var kind: Selection.Kind
        var holder: Person
        var count: Int
    }

    /// Which personal list of some people goes first when there is no room: the latest that is not handed in.
    func leastMissed(of people: [Person], in session: SessionID, _ tx: any Transaction) throws -> Selection? {
        try tx.first(
            """
            SELECT \(sql: Self.columns) FROM selections
            WHERE session_id = \(session) AND kind = \(Selection.Kind.personal) AND holder IN \(list: people) AND submitted_at IS NULL
            ORDER BY created_at DESC, id DESC LIMIT 1
            """
        ).map(selection)
    }

    /// Gives the personal lists of somebody to somebody else.
    func pass(from old: Person, to new: Person, in session: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE selections SET holder = \(new)
            WHERE session_id = \(session) AND holder = \(old) AND kind = \(Selection.Kind.personal)
            """)
    }

    func remove(_ id: SelectionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM selection_photos WHERE selection_id = \(id)")
        try tx.execute("DELETE FROM selections WHERE id = \(id)")
    }

    func removeAll(of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            "DELETE FROM selection_photos WHERE selection_id IN (SELECT id FROM selections WHERE session_id = \(session))")
        try tx.execute("DELETE FROM selections WHERE session_id = \(session)")
    }

    private func selection(_ row: Row) throws -> Selection {
        Selection(
            id: try row.get("id"), sessionID: try row.get("session_id"), kind: try row.get("kind"), name: try row.get("name"),
            about: try row.get("about"), holder: try row.get("holder"), holderName: try row.get("holder_name"),
            minimum: try row.get("minimum"), maximum: try row.get("maximum"), closesAt: try row.optional("closes_at"),
            createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"),
            submittedAt: try row.optional("submitted_at"), submittedBy: try row.optional("submitted_by"))
    }
}
