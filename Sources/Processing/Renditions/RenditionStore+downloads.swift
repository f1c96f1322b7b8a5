public import Core

extension RenditionStore {
    public func downloads(
        of originals: [OriginalID: String?], transaction: any Transaction
    ) throws -> [OriginalID: [Rendition]] {
        var found: [OriginalID: [Rendition]] = [:]
        let ids = Array(originals.keys)
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let some = Array(ids[start..<min(start + Self.batch, ids.count)])
            let isWanted = { (rendition: Rendition) in
                originals[rendition.originalID].flatMap { $0 }.map { $0 == rendition.recipe } ?? true
            }
            // Nearly all have one of the largest size, which is found without a look at the others.
            let large: SQL = "format = \(MediaFormat.jpeg) AND name IN \(list: [RenditionName.large, .poster])"
            var rows = try downloads(some, "\(sql: large) OR name = \(RenditionName.stream)", transaction).filter(isWanted)
            let known = Set(rows.lazy.filter { $0.format == .jpeg }.map(\.originalID))
            let others = some.filter { !known.contains($0) }
            if !others.isEmpty {
                let smaller = RenditionName.allCases.filter { $0.isStill && $0 != .large && $0 != .poster }
                rows += try downloads(others, "format = \(MediaFormat.jpeg) AND name IN \(list: smaller)", transaction).filter(isWanted)
            }
            for rendition in rows { Self.add(rendition, to: &found[rendition.originalID, default: []]) }
        }
        return found
    }

    private func downloads(_ originals: [OriginalID], _ wanted: SQL, _ transaction: any Transaction) throws -> [Rendition] {
        try transaction.query(
            """
            SELECT original_id, name, format, recipe, width, height, size, sha256, crc32, object_key FROM renditions
            WHERE original_id IN \(list: originals) AND (\(sql: wanted))
            """
        ).map(Self.rendition)
    }

    /// Of several pictures the largest stays.
    private static func add(_ rendition: Rendition, to others: inout [Rendition]) {
        let rival = others.firstIndex { ($0.format == .jpeg) == (rendition.format == .jpeg) }
        guard let rival else { return others.append(rendition) }
        if others[rival].width * others[rival].height < rendition.width * rendition.height { others[rival] = rendition }
    }

    public func note(crc32: UInt32, of object: ObjectKey, in transaction: any Transaction) throws {
        guard let original = object.originalID else { return }
        try transaction.execute(
            """
            UPDATE renditions SET crc32 = \(Int64(crc32))
            WHERE original_id = \(original) AND object_key = \(object) AND crc32 IS NULL
            """)
    }
}
