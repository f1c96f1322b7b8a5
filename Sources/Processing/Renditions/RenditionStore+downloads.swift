public import Core

extension RenditionStore {
    public func downloads(
        of originals: [OriginalID], transaction: any Transaction
    ) throws -> [OriginalID: [Rendition]] {
        let stills = RenditionName.allCases.filter(\.isStill)
        var found: [OriginalID: [Rendition]] = [:]
        for start in stride(from: 0, to: originals.count, by: Self.batch) {
            let some = Array(originals[start..<min(start + Self.batch, originals.count)])
            let rows = try transaction.query(
                """
                SELECT * FROM (
                    SELECT renditions.*, ROW_NUMBER() OVER (
                        PARTITION BY original_id, recipe, format = \(MediaFormat.jpeg) ORDER BY width * height DESC, name, format
                    ) AS place FROM renditions
                    WHERE original_id IN \(list: some) AND (name = \(RenditionName.stream)
                        OR (format = \(MediaFormat.jpeg) AND name IN \(list: stills)))
                ) AS ranked WHERE place = 1
                """)
            for rendition in try rows.map(Self.rendition) { found[rendition.originalID, default: []].append(rendition) }
        }
        return found
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
