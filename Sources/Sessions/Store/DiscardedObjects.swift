import Core

/// The SQL of objects that no row speaks of any more, until the purger has removed them.
struct DiscardedObjects {
    func add(_ keys: [ObjectKey], _ tx: any Transaction) throws {
        for key in keys { try tx.execute("INSERT INTO discarded_objects (object_key) VALUES (\(key)) ON CONFLICT DO NOTHING") }
    }

    func some(limit: Int, _ tx: any Transaction) throws -> [ObjectKey] {
        try tx.query("SELECT object_key FROM discarded_objects LIMIT \(limit)").map { try $0.get("object_key") }
    }

    /// Of at most some hundreds.
    func remove(_ keys: [ObjectKey], _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM discarded_objects WHERE object_key IN \(list: keys)")
    }
}
