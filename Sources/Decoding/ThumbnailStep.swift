import Core

/// The first of the two decodes: only as many pixels as the smallest size needs, so that it can be shown at once.
enum ThumbnailStep {
    struct Result {
        var picture: Picture
        /// Decoding succeeded only by skipping broken data.
        var isDamaged: Bool
    }

    /// Takes a stored thumbnail if there is one; else decodes strictly, and when that fails, whatever can be decoded.
    /// - Throws: `DecodingFailure` when there is nothing to show.
    static func run(_ source: PictureSource, longEdge: Int) throws -> Result {
        if let picture = source.storedThumbnail(longEdge: longEdge) {
            return Result(picture: picture, isDamaged: false)
        }
        if let picture = try? source.decode(longEdge: longEdge, .strict) {
            return Result(picture: picture, isDamaged: false)
        }
        do {
            return Result(picture: try source.decode(longEdge: longEdge, .lenient), isDamaged: true)
        } catch {
            throw error.asDecodingFailure("The picture data is damaged")
        }
    }
}
