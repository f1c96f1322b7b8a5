import Core

/// The SQL of what is on lists of chosen photos.
struct ChoiceStore: Sendable {
    private static let columns: SQL = "photo_id, note, colour, selection_photos.rating, person, person_name, chosen_at"

    /// A choice with what is told of its photo without looking it up.
    struct Listed: Sendable, Equatable {
        var choice: Choice
        var filename: String
        var isShown: Bool
    }

    /// Puts a photo on a list, or other words onto one that is there, which keeps its place.
    func put(_ choice: Choice, on selection: SelectionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO selection_photos (selection_id, photo_id, note, colour, rating, person, person_name, chosen_at)
            VALUES (\(selection), \(choice.photoID), \(choice.note), \(choice.colour), \(choice.rating), \(choice.person),
                \(choice.personName), \(choice.chosenAt))
            ON CONFLICT (selection_id, photo_id) DO UPDATE SET note = excluded.note, colour = excluded.colour,
                rating = excluded.rating, person = excluded.person, person_name = excluded.person_name
            """)
    }

    func find(_ photo: PhotoID, on selection: SelectionID, _ tx: any Transaction) throws -> Choice? {
        try tx.first(
            "SELECT \(sql: Self.columns) FROM selection_photos WHERE selection_id = \(selection) AND photo_id = \(photo)"
        ).map(choice)
    }

    func remove(_ photo: PhotoID, from selection: SelectionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM selection_photos WHERE selection_id = \(selection) AND photo_id = \(photo)")
    }

    /// In the order of choosing, from after `cursor`.
    /// - Parameter onlyShown: leaves out what guests are not shown.
    func list(
        _ selection: SelectionID, onlyShown: Bool, after cursor: Cursor?, limit: Int, _ tx: any Transaction
    ) throws -> [Listed] {
        let shown: SQL = onlyShown ? "AND photos.shown_at IS NOT NULL" : ""
        let after: SQL =
            cursor.map { "AND (chosen_at > \($0.key) OR (chosen_at = \($0.key) AND photo_id > \($0.id)))" } ?? ""
        return try tx.query(
            """
            SELECT \(sql: Self.columns), photos.filename, photos.shown_at
            FROM selection_photos JOIN photos ON photos.id = selection_photos.photo_id
            WHERE selection_id = \(selection) \(sql: shown) \(sql: after)
            ORDER BY chosen_at, photo_id LIMIT \(limit)
            """
        ).map { row in
            Listed(
                choice: try choice(row), filename: try row.get("filename"),
                isShown: try row.optional("shown_at", as: Timestamp.self) != nil)
        }
    }

    /// How many photos are on some lists.
    func counts(of selections: [SelectionID], _ tx: any Transaction) throws -> [SelectionID: ChoiceCounts] {
        let rows = try tx.query(
            """
            SELECT selection_id, COUNT(*) AS chosen, COUNT(photos.shown_at) AS shown
            FROM selection_photos JOIN photos ON photos.id = selection_photos.photo_id
            WHERE selection_id IN \(list: selections) GROUP BY selection_id
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { row in
            (try row.get("selection_id"), ChoiceCounts(shown: try row.get("shown"), all: try row.get("chosen")))
        })
    }

    func remove(_ photos: [PhotoID], _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM selection_photos WHERE photo_id IN \(list: photos)")
    }

    private func choice(_ row: Row) throws -> Choice {
        Choice(
            photoID: try row.get("photo_id"), note: try row.get("note"), colour: try row.optional("colour"),
            rating: try row.get("rating"), person: try row.get("person"), personName: try row.get("person_name"),
            chosenAt: try row.get("chosen_at"))
    }
}
