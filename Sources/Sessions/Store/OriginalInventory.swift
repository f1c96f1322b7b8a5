public import Core

/// The originals that photos have, displayed or not.
public struct OriginalInventory: ObjectInventory {
    public init() {}

    public func count(transaction: any Transaction) throws -> Int {
        let row = try transaction.first(
            "SELECT (SELECT COUNT(*) FROM photos) + (SELECT COUNT(*) FROM companions) AS originals")
        return try row?.get("originals") ?? 0
    }

    public func page(
        after cursor: String?, limit: Int, transaction: any Transaction
    ) throws -> (objects: [RecordedObject], next: String?) {
        let start = cursor ?? ""
        let rows = try transaction.query(
            """
            SELECT original_id AS id, original_key AS object_key, size, sha256 FROM photos WHERE original_id > \(start)
            UNION ALL
            SELECT id, object_key, size, sha256 FROM companions WHERE id > \(start)
            ORDER BY id LIMIT \(limit)
            """)
        let objects = try rows.map {
            RecordedObject(key: try $0.get("object_key"), size: try $0.get("size"), sha256: try $0.get("sha256"))
        }
        return (objects, rows.count < limit ? nil : try rows.last?.get("id"))
    }

    public func named(_ keys: [ObjectKey], transaction: any Transaction) throws -> Set<ObjectKey> {
        let ids = Array(Set(keys.compactMap(\.originalID)))
        let rows = try transaction.query(
            """
            SELECT original_key AS object_key FROM photos WHERE original_id IN \(list: ids)
            UNION ALL SELECT object_key FROM companions WHERE id IN \(list: ids)
            """)
        return Set(try rows.map { try $0.get("object_key") })
    }
}
