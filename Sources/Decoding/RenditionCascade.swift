import Core

/// The second decode, at the largest size, and the smaller sizes made from it.
struct RenditionCascade {
    let source: PictureSource
    /// Ascending, without the size that the thumbnail step has made.
    let sizes: [Recipe.Size]

    struct Level {
        var size: Recipe.Size
        var picture: Picture
    }

    /// All sizes, small to large, each reduced from the next larger one.
    /// - Throws: `DecodingFailure` when the data cannot be decoded at this size.
    func levels() throws -> [Level] {
        var levels: [Level] = []
        for size in sizes.reversed() {
            levels.append(Level(size: size, picture: try picture(size, from: levels.last?.picture)))
        }
        return levels.reversed()
    }

    private func picture(_ size: Recipe.Size, from larger: Picture?) throws -> Picture {
        do throws(VipsLibrary.Failure) {
            if let larger { return try larger.reduced(toLongEdge: size.longEdge) }
            return try source.decode(longEdge: size.longEdge, .lenient)
        } catch {
            throw error.asDecodingFailure("The picture data is damaged")
        }
    }
}
