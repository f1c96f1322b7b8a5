import Core

/// Reads what a picture says about itself, before anything is decoded.
enum ImageInspection {
    static let maximumPixels = 500_000_000
    static let maximumSide = 65_500

    /// The facts of a picture file, apart from damage, which only decoding shows.
    /// - Throws: `DecodingFailure`: `damaged` for an unreadable header, `too_large` beyond the limits.
    static func inspect(_ path: String, _ type: SniffedType) throws -> MediaFacts {
        let header = try openHeader(path)
        try checkSize(width: header.width, height: header.height)
        let (width, height) = header.isSideways ? (header.height, header.width) : (header.width, header.height)
        var facts = MediaFacts(kind: .photo, contentType: type.contentType, width: width, height: height)
        PictureMetadata(of: header, at: path).add(to: &facts)
        return facts
    }

    /// Refuses decompression bombs: few bytes that would become very many pixels.
    static func checkSize(width: Int, height: Int) throws {
        guard max(width, height) <= maximumSide, width * height <= maximumPixels else {
            throw DecodingFailure.tooLarge(
                "The picture has \(width) x \(height) pixels; at most 500 megapixels and 65 500 on a side are accepted.")
        }
    }

    private static func openHeader(_ path: String) throws -> Picture {
        do { return try Picture.open(path) } catch { throw error.asDecodingFailure("The file's header cannot be read") }
    }
}
