public import Core

extension RenditionStore: ObjectInventory {
    public func count(transaction: any Transaction) throws -> Int {
        try transaction.first("SELECT COUNT(*) AS renditions FROM renditions")?.get("renditions") ?? 0
    }

    public func page(
        after cursor: String?, limit: Int, transaction: any Transaction
    ) throws -> (objects: [RecordedObject], next: String?) {
        let place = cursor.map { $0.split(separator: "~", omittingEmptySubsequences: false).map(String.init) } ?? []
        let after: SQL =
            place.count == 4
            ? "WHERE (original_id, recipe, name, format) > (\(place[0]), \(place[1]), \(place[2]), \(place[3]))" : ""
        let rows = try transaction.query(
            """
            SELECT original_id, recipe, name, format, object_key, size, sha256 FROM renditions \(sql: after)
            ORDER BY original_id, recipe, name, format LIMIT \(limit)
            """)
        let objects = try rows.map {
            RecordedObject(key: try $0.get("object_key"), size: try $0.get("size"), sha256: try $0.get("sha256"))
        }
        guard rows.count == limit, let last = rows.last else { return (objects, nil) }
        let next = try ["original_id", "recipe", "name", "format"].map { try last.get($0, as: String.self) }
        return (objects, next.joined(separator: "~"))
    }

    public func named(_ keys: [ObjectKey], transaction: any Transaction) throws -> Set<ObjectKey> {
        let ids = Array(Set(keys.compactMap(\.originalID)))
        let rows = try transaction.query("SELECT object_key FROM renditions WHERE original_id IN \(list: ids)")
        return Set(try rows.map { try $0.get("object_key") })
    }
}
