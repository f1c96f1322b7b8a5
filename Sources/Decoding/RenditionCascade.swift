import Core

/// The second decode, at the largest size, and the smaller sizes made from it.
struct RenditionCascade {
    let source: PictureSource
    /// Ascending, without the size that the thumbnail step has made.
    let sizes: [Recipe.Size]

    /// Pixels on the long side up to which light is mixed in reducing. What else becomes of lights at night is half to one
    /// just noticeable difference in the mean of all pixels, and dozens in single ones; for 2 % of the time.
    private static let mixesLightUpTo = 640
    /// Pixels on the long side up to which pictures are sharpened after reducing: 4 to 8 % more contrast between
    /// neighbours, for 5 % more bytes of JPEG. Larger ones are reduced less, and mostly once more on the screen.
    static let isSharpenedUpTo = 1280

    struct Level {
        var size: Recipe.Size
        var picture: Picture
    }

    /// All sizes, small to large, each reduced from the next larger one.
    /// - Throws: `DecodingFailure` when the data cannot be decoded at this size.
    func levels() throws -> [Level] {
        var levels: [Level] = []
        var larger: Picture?
        for size in sizes.reversed() {
            let picture = try picture(size, from: larger)
            levels.append(Level(size: size, picture: try finished(picture, as: size, from: larger)))
            larger = picture
        }
        return levels.reversed()
    }

    private func finished(_ picture: Picture, as size: Recipe.Size, from larger: Picture?) throws -> Picture {
        guard let larger, size.longEdge <= Self.isSharpenedUpTo, picture.width < larger.width else { return picture }
        do { return try picture.sharpened() } catch { throw error.asDecodingFailure("The picture cannot be sharpened") }
    }

    private func picture(_ size: Recipe.Size, from larger: Picture?) throws -> Picture {
        do throws(VipsLibrary.Failure) {
            if let larger { return try larger.reduced(toLongEdge: size.longEdge, mixesLight: size.longEdge <= Self.mixesLightUpTo) }
            return try source.decode(longEdge: size.longEdge, .lenient)
        } catch {
            throw error.asDecodingFailure("The picture data is damaged")
        }
    }
}
