import Core

/// Which of the stills that there are a client is given: the size by the width it needs, the format by what it accepts.
struct StillChoice: Sendable, Equatable {
    let rendition: Rendition
    /// Whether it would have been an AVIF file, had there been one of that size.
    let wantsAVIF: Bool

    /// The best first, of what a client has named, and of what it takes without a word: an old browser's `*/*` promises nothing.
    private static let named: [MediaFormat] = [.avif, .webp, .jpeg, .png]
    private static let unnamed: [MediaFormat] = [.jpeg, .png, .webp, .avif]

    /// - Parameters:
    ///   - stills: of one original, by one recipe.
    ///   - name: the size, when no width is asked for.
    ///   - width: pixels that the picture will take up on the screen.
    /// - Returns: `nil` when there is none of that size. What a client accepts none of is given nevertheless, in the oldest
    ///   format: it is of more use than an error.
    init?(_ stills: [Rendition], _ name: RenditionName, width: Int?, _ accepted: AcceptedTypes) {
        let known = stills.filter { $0.name.isStill && Self.named.contains($0.format) }
        let size = width.flatMap { Self.size(for: $0, of: known) } ?? name
        let candidates = known.filter { $0.name == size }
        guard let best = candidates.min(by: { Self.order($0.format, accepted) < Self.order($1.format, accepted) }) else { return nil }
        rendition = best
        let isMakeable = candidates.contains { $0.format == .webp || $0.format == .jpeg }
        wantsAVIF = isMakeable && accepted.rank(.avif).quality > 0
            && Self.order(.avif, accepted) < Self.order(best.format, accepted)
    }

    /// The narrowest that is wide enough, or else the widest there is.
    private static func size(for width: Int, of stills: [Rendition]) -> RenditionName? {
        (stills.filter { $0.width >= width }.min { $0.width < $1.width } ?? stills.max { $0.width < $1.width })?.name
    }

    /// The smaller, the rather.
    private static func order(_ format: MediaFormat, _ accepted: AcceptedTypes) -> (Int, Int, Int) {
        let rank = accepted.rank(format)
        let order = rank.isNamed && rank.quality > 0 ? named : unnamed
        return (-rank.quality, rank.isNamed && rank.quality > 0 ? 0 : 1, order.firstIndex(of: format) ?? order.count)
    }
}
