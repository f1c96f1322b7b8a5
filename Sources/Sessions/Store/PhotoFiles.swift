import Core

/// What belongs to a photo besides its row.
struct PhotoFiles: Sendable {
    /// What can be shown.
    var renditions: [Rendition] = []
    /// RAW first, then motion.
    var companions: [Companion] = []

    /// The files of at most some hundreds of photos.
    static func of(
        _ photos: [Photo], _ catalog: any RenditionCatalog, _ tx: any Transaction
    ) throws -> [PhotoID: PhotoFiles] {
        let companions = try CompanionStore().of(photos.map(\.id), tx)
        let originals = photos.map(\.originalID) + companions.values.joined().map(\.id)
        let renditions = try catalog.renditions(of: originals, transaction: tx)
        return Dictionary(uniqueKeysWithValues: photos.map { photo in
            let others = companions[photo.id] ?? []
            return (photo.id, PhotoFiles(renditions: shown(photo, others, renditions), companions: others))
        })
    }

    /// A photo whose displayed file has just been replaced goes on showing the pictures it had until the new ones come.
    private static func shown(
        _ photo: Photo, _ companions: [Companion], _ all: [OriginalID: [Rendition]]
    ) -> [Rendition] {
        if let own = all[photo.originalID] { return ofOneRecipe(own) }
        let earlier = companions.lazy.compactMap { all[$0.id] }.first ?? []
        return ofOneRecipe(earlier).filter(\.name.isStill)
    }

    /// What is being derived anew is shown once it is complete: until then there is less of it than of what was there before.
    private static func ofOneRecipe(_ renditions: [Rendition]) -> [Rendition] {
        let counts = Dictionary(grouping: renditions, by: \.recipe).mapValues(\.count)
        guard counts.count > 1, let whole = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return renditions }
        return renditions.filter { $0.recipe == whole }
    }
}
