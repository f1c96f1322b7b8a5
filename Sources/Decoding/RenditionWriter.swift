import Core

/// Writes pictures into the output folder, without metadata, and reports each file once it is complete.
struct RenditionWriter {
    /// An absolute path.
    let folder: String
    /// Those of the recipe's formats that pictures can be written in.
    let formats: [MediaFormat]
    let reply: (DecodeReply) throws -> Void
    /// Laid over all but the thumbnail.
    var watermark: WatermarkPainter?

    /// WebP's own scale from 0 (fast) to 6 (small): from 2 on, a step costs far more time than it saves bytes.
    private static let webpEffort = 2
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

    private func save(_ picture: Picture, to path: String, _ format: MediaFormat, _ quality: Int) throws(VipsLibrary.Failure) {
        switch format {
        case .jpeg:
            let isLarge = max(picture.width, picture.height) >= Self.progressiveFrom
            try picture.saveJPEG(to: path, quality: quality, progressive: isLarge)
        case .webp:
            let file = WebPContainer.withoutMetadata(try picture.webP(quality: quality, effort: Self.webpEffort))
            try OutputFile.write(file, to: path)
        case .png: try picture.savePNG(to: path)
        case .mp4, .mov, .webm: break
        }
    }
}

extension Recipe {
    /// The formats that pictures can be written in.
    var pictureFormats: [MediaFormat] { formats.filter { [.jpeg, .webp, .png].contains($0) } }
}
