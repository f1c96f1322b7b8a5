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
        if let own = all[photo.originalID] { return own }
        let earlier = companions.lazy.compactMap { all[$0.id] }.first ?? []
        return earlier.filter(\.name.isStill)
    }
}
