import Core

/// Removes photos for good: rows at once, objects by the purger afterwards, so that nothing that is brought back at this moment has
/// lost its files.
struct PhotoRemoval: Sendable {
    let renditions: any RenditionCatalog
    let jobs: any JobQueue
    let opinions: OpinionNews

    /// - Parameter photos: at most some hundreds.
    /// - Returns: the accounts and keys that their files were counted for.
    @discardableResult
    func remove(_ photos: [Photo], _ tx: any Transaction) throws -> Set<String> {
        let ids = photos.map(\.id)
        let others = try CompanionStore().of(ids, tx).values.flatMap(\.self)
        let originals = photos.map(\.originalID) + others.map(\.id)
        let derived = try renditions.renditions(of: originals, transaction: tx).values.flatMap(\.self)
        try jobs.forget(originals, in: tx)
        try DiscardedObjects().add(
            try renditions.forget(derived, in: tx) + photos.map(\.originalKey) + others.map(\.objectKey), tx)
        let holders = try FileUsage().remove(ids, tx)
        try CompanionStore().remove(of: ids, tx)
        try PhotoStore().removeTags(of: ids, tx)
        try opinions.leaving(ids, tx) { try PhotoStore().remove(ids, tx) }
        return holders
    }
}
