import Core

/// What a request is answered with.
struct FoundMedia: Sendable {
    var file: MediaFile
    /// The path that this file has by right: it stands in for an AVIF file that has not been made yet, or was chosen among
    /// several. It is given as a whole
    /// and told apart by its tag alone: it is as old as what will be in its place, and a part of the one must never be joined
    /// to a part of the other.
    var standsInFrom: MediaPath?
    /// Whether it was chosen by what the client accepts.
    var isChosen = false
    /// Whether an AVIF file would have been given, had there been one.
    var isWish = false
    /// Before the catalogue was asked.
    var lookedUpAt = Timestamp(milliseconds: 0)
}

extension MediaPath {
    /// What can be given in its place until it has been made, the best first.
    var standIns: [MediaPath] {
        guard case .rendition(let id, let name, let recipe, .avif) = self, name.isStill else { return [] }
        return [MediaFormat.webp, .jpeg].map { .rendition(id, name, recipe: recipe, $0) }
    }
}
