import Core

/// Makes a picture that moves of a GIF or WebP file that does, when the recipe asks for one. A photo lacks nothing without:
/// what has too many frames or pixels, is broken or takes too long, has its stills alone.
struct AnimationStep {
    let request: DecodeRequest
    let writer: RenditionWriter

    /// Frames of what is made: a minute at ten a second.
    static let frames = 2...600
    /// Pixels of all frames together as they are stored: seconds to decode.
    static let storedPixels = 500_000_000
    /// Pixels of all frames together as they are written: seconds to encode, and 160 MB of memory. What has more is made
    /// smaller.
    static let writtenPixels = 40_000_000
    /// Pixels on the long side that are worth looking at.
    static let leastEdge = 120
    /// Of each of its two parts, at most, however long the whole job may take.
    private static let limit = Duration.seconds(30)

    /// - Throws: what `reply` throws; `DecodingFailure.internalFailure` when nothing can be written.
    func run() throws {
        guard request.part == .all || request.part == .rest,
            let size = request.recipe.sizes.first(where: { $0.name == request.recipe.animation }),
            let shape = try? MovingPicture.Shape(of: request.inputPath), let edge = Self.edge(of: shape, atMost: size.longEdge)
        else { return }
        let limit = min(Self.limit, .milliseconds(request.timeLimit) / 4)
        guard let moving = try? MovingPicture(of: request.inputPath, longEdge: edge, frames: shape.frames, within: limit) else {
            return
        }
        try writer.write(moving, quality: size.quality, within: limit)
    }

    /// Pixels on the long side, so that all frames together are not too many; `nil` for what is no animation, or too much of one.
    static func edge(of shape: MovingPicture.Shape, atMost edge: Int) -> Int? {
        let (pixels, hasOverflown) = (shape.width * shape.height).multipliedReportingOverflow(by: shape.frames)
        guard frames.contains(shape.frames), shape.width > 0, shape.height > 0, !hasOverflown, pixels <= storedPixels else { return nil }
        let long = max(shape.width, shape.height)
        let affordable = Int(Double(long) * (Double(writtenPixels) / Double(pixels)).squareRoot())
        let fitting = min(edge, long, affordable)
        return fitting >= min(leastEdge, long, edge) ? fitting : nil
    }
}

extension RenditionWriter {
    /// Writes what moves as WebP, the mark over every frame; nothing if that is not possible in time.
    fileprivate func write(_ moving: MovingPicture, quality: Int, within limit: Duration) throws {
        let name = RenditionName.animation
        let painted = watermark.map { mark in try? moving.mapped { try mark.painted($0, as: name) } } ?? moving
        guard let painted, let bytes = try? painted.webP(quality: quality, effort: Self.webpEffort, within: limit) else { return }
        let file = "\(name.rawValue).\(MediaFormat.webp.fileExtension)"
        do { try OutputFile.write(WebPContainer.withMetadata(credit?.exifBlock, bytes), to: "\(folder)/\(file)") } catch {
            throw DecodingFailure.internalFailure("A rendition could not be written: \(error.reason).")
        }
        try reply(.rendition(DecodedFile(
            name: name, format: .webp, file: file, width: painted.width, height: painted.height)))
    }
}
