public import Core

/// The objects of uploads that are under way: they are there before a photo speaks of them.
public struct UploadObjects: ObjectNaming {
    public init() {}

    public func named(_ keys: [ObjectKey], transaction: any Transaction) throws -> Set<ObjectKey> {
        let ids = Array(Set(keys.compactMap(\.originalID)))
        let rows = try transaction.query(
            """
            SELECT id FROM uploads WHERE id IN \(list: ids)
                AND state IN \(list: [UploadState.receiving, .kept, .joining, .completing])
            """)
        let open = Set(try rows.map { try $0.get("id", as: OriginalID.self) })
        return Set(keys.filter { $0.originalID.map(open.contains) ?? false })
    }
}
