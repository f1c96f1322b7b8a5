import Core

/// Writes pictures into the output folder, without metadata but for the credit, and reports each file once it is complete.
struct RenditionWriter {
    /// An absolute path.
    let folder: String
    /// Those of the recipe's formats that pictures can be written in.
    let formats: [MediaFormat]
    /// Whose picture it is. PNG and AVIF files do not say so: they are made for those who ask for them, of pictures that
    /// are also there as JPEG.
    var credit: Credit?
    let reply: (DecodeReply) throws -> Void
    /// Laid over all but the thumbnail.
    var watermark: WatermarkPainter?

    /// WebP's own scale from 0 (fast) to 6 (small): from 2 on, a step costs far more time than it saves bytes.
    static let webpEffort = 2
    /// AVIF's own scale from 0 (fast) to 9 (small): at 4, it takes ten times as long for a twentieth of the bytes.
    private static let avifEffort = 1
    /// From this size on, JPEGs are progressive: a guest on a slow line sees all of the picture early.
    private static let progressiveFrom = 1000

    /// Writes one picture in every format under a rendition's name.
    func write(_ picture: Picture, as name: RenditionName, quality: Int) throws {
        let picture = try watermark?.painted(picture, as: name) ?? picture
        for format in formats {
            let file = "\(name.rawValue).\(format.fileExtension)"
            do { try save(picture, to: "\(folder)/\(file)", format, quality) } catch {
                throw error.isAboutFileSize ? .resultTooLarge
                    : DecodingFailure.internalFailure("A rendition could not be written: \(error.reason).")
            }
            try reply(.rendition(DecodedFile(
                name: name, format: format, file: file, width: picture.width, height: picture.height)))
        }
    }

    /// The quality at which AVIF is as far from the picture as a JPEG of another is: 70 and 82, for a quarter less bytes.
    private static func avifQuality(_ quality: Int) -> Int { max(1, quality - 12) }

    private func save(_ picture: Picture, to path: String, _ format: MediaFormat, _ quality: Int) throws(VipsLibrary.Failure) {
        switch format {
        case .jpeg:
            let isLarge = max(picture.width, picture.height) >= Self.progressiveFrom
            let file = try picture.jpeg(quality: quality, progressive: isLarge)
            try OutputFile.write(credit.map { JPEGContainer.adding(exif: $0.exifBlock, to: file) } ?? file, to: path)
        case .webp:
            let file = try picture.webP(quality: quality, effort: Self.webpEffort)
            try OutputFile.write(WebPContainer.withMetadata(credit?.exifBlock, file), to: path)
        case .avif: try OutputFile.write(try picture.avif(quality: Self.avifQuality(quality), effort: Self.avifEffort), to: path)
        case .png: try picture.savePNG(to: path)
        case .mp4, .mov, .webm, .m3u8, .vtt: break
        }
    }
}

extension Recipe {
    /// The formats that pictures can be written in.
    var pictureFormats: [MediaFormat] { formats.filter { [.jpeg, .webp, .avif, .png].contains($0) } }
}
