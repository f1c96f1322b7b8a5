import Core

/// Takes back what was derived of files that photos displayed before. Nobody is to see it once there is better, least of all
/// without a watermark that has been wanted since.
struct ReplacedFiles: Sendable {
    let renditions: any RenditionCatalog
    private let companions = CompanionStore()
    private let discarded = DiscardedObjects()

    init(_ renditions: any RenditionCatalog) { self.renditions = renditions }

    /// Until what a photo displays now is there, what was there before stays. A photo that has failed goes on showing that, but
    /// of other recipes than the wanted one only thumbnails, which bear no mark by any.
    /// - Returns: whether anything was taken back.
    @discardableResult
    func retire(of photo: Photo, wanted: @autoclosure () throws -> Recipe, _ tx: any Transaction) throws -> Bool {
        if photo.status == .processing { return false }
        let files = try companions.of([photo.id], tx)[photo.id] ?? []
        if files.isEmpty { return false }
        var old = try renditions.renditions(of: files.map(\.id), transaction: tx).values.flatMap { $0 }
        if photo.status == .failed, !old.isEmpty {
            let recipe = try wanted().hash
            old.removeAll { $0.recipe == recipe || $0.name == .thumb }
        }
        try discarded.add(try renditions.forget(old, in: tx), tx)
        return !old.isEmpty
    }
}
