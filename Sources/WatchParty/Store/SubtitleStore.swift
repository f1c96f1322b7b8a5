import Core

/// Subtitles of a film, as they were given to a party.
struct SubtitleTrack: Sendable, Equatable {
    var id: String
    var photoID: PhotoID
    var label: String
    var language: String?
    /// WebVTT.
    var content: String
}

/// The SQL of subtitles.
struct SubtitleStore {
    func insert(_ track: SubtitleTrack, in party: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO party_subtitles (id, session_id, photo_id, label, language, content, size, created_at)
            VALUES (\(track.id), \(party), \(track.photoID), \(track.label), \(track.language), \(track.content),
                \(track.content.utf8.count), \(now))
            """)
    }

    /// How many tracks a party has, and their bytes.
    func total(_ party: SessionID, _ tx: any Transaction) throws -> (tracks: Int, bytes: Int) {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS tracks, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM party_subtitles
            WHERE session_id = \(party)
            """)
        return (try row?.get("tracks") ?? 0, try row?.get("bytes") ?? 0)
    }

    func find(_ id: String, in party: SessionID, _ tx: any Transaction) throws -> SubtitleTrack? {
        try tx.first(
            "SELECT id, photo_id, label, language, content FROM party_subtitles WHERE id = \(id) AND session_id = \(party)"
        ).map { row in
            SubtitleTrack(
                id: try row.get("id"), photoID: try row.get("photo_id"), label: try row.get("label"),
                language: try row.optional("language"), content: try row.get("content"))
        }
    }

    /// Without what they say.
    func list(_ party: SessionID, of photo: PhotoID, _ tx: any Transaction) throws -> [SubtitleTrack] {
        try tx.query(
            """
            SELECT id, label, language FROM party_subtitles WHERE session_id = \(party) AND photo_id = \(photo)
            ORDER BY created_at, id LIMIT \(SubtitleRules.maxTracks)
            """
        ).map { row in
            SubtitleTrack(
                id: try row.get("id"), photoID: photo, label: try row.get("label"), language: try row.optional("language"), content: "")
        }
    }

    func counts(_ party: SessionID, _ tx: any Transaction) throws -> [PhotoID: Int] {
        let rows = try tx.query(
            "SELECT photo_id, COUNT(*) AS count FROM party_subtitles WHERE session_id = \(party) GROUP BY photo_id")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get("photo_id"), try $0.get("count")) })
    }

    func remove(_ id: String, from party: SessionID, _ tx: any Transaction) throws -> Bool {
        try tx.execute("DELETE FROM party_subtitles WHERE id = \(id) AND session_id = \(party)") == 1
    }

    func removeAll(of photo: PhotoID, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM party_subtitles WHERE session_id = \(party) AND photo_id = \(photo)")
    }
}
