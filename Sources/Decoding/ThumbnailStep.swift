import Core

/// The first of the two decodes: only as many pixels as the smallest size needs, so that it can be shown at once.
enum ThumbnailStep {
    struct Result {
        var picture: Picture
        /// Decoding succeeded only by skipping broken data.
        var isDamaged: Bool
    }

    /// Takes a stored thumbnail if there is one; else decodes strictly, and when that fails, whatever can be decoded.
    /// - Parameter full: pixels on the long side of the whole picture.
    /// - Throws: `DecodingFailure` when there is nothing to show.
    static func run(_ source: PictureSource, longEdge: Int, of full: Int) throws -> Result {
        if let picture = source.storedThumbnail(longEdge: longEdge) {
            return Result(picture: picture, isDamaged: false)
        }
        if let picture = try? source.decode(longEdge: longEdge, .strict) {
            return Result(picture: finished(picture, longEdge, of: full), isDamaged: false)
        }
        do {
            let picture = try source.decode(longEdge: longEdge, .lenient)
            return Result(picture: finished(picture, longEdge, of: full), isDamaged: true)
        } catch {
            throw error.asDecodingFailure("The picture data is damaged")
        }
    }

    /// Sharpened when it was reduced; a thumbnail matters more than its sharpness.
    private static func finished(_ picture: Picture, _ longEdge: Int, of full: Int) -> Picture {
        guard full > longEdge, longEdge <= RenditionCascade.isSharpenedUpTo else { return picture }
        return (try? picture.sharpened()) ?? picture
    }
}
