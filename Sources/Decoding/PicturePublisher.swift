import Core

/// Writes a picture in all of a recipe's sizes: facts first, the smallest size as soon as it exists, then the others;
/// or only that part of them which is asked for.
struct PicturePublisher {
    private let recipe: Recipe
    private let part: DecodePart
    private let reply: (DecodeReply) throws -> Void
    let writer: RenditionWriter

    /// - Parameter credit: whose picture it is.
    init(_ request: DecodeRequest, credit: Credit? = nil, _ reply: @escaping (DecodeReply) throws -> Void) {
        self.recipe = request.recipe
        self.part = request.part
        self.reply = reply
        self.writer = RenditionWriter(
            folder: request.outputFolder, formats: request.part == .avif ? [.avif] : recipe.pictureFormats,
            credit: recipe.metadata == .rights ? credit : nil, reply: reply, watermark: WatermarkPainter(request))
    }

    /// Damage shows itself only in decoding: the facts therefore wait for the thumbnail, which follows at once.
    func publish(_ source: PictureSource, _ facts: MediaFacts) throws {
        guard let smallest = recipe.sizes.first else { throw DecodingFailure.internalFailure("The recipe asks for no size.") }
        if part == .rest {
            try reply(.facts(facts))
            return try publishRest(source)
        }
        let thumbnail = try ThumbnailStep.run(source, longEdge: smallest.longEdge, of: max(facts.width, facts.height))
        var facts = facts
        facts.isDamaged = facts.isDamaged || thumbnail.isDamaged
        facts.addLikeness(of: thumbnail.picture)
        try reply(.facts(facts))
        try writer.write(thumbnail.picture, as: smallest.name, quality: smallest.quality)
        if part != .thumbnail { try publishRest(source) }
    }

    /// All sizes but the smallest.
    private func publishRest(_ source: PictureSource) throws {
        let cascade = RenditionCascade(source: source, sizes: Array(recipe.sizes.dropFirst()))
        for level in try cascade.levels() {
            try writer.write(level.picture, as: level.size.name, quality: level.size.quality)
        }
    }
}
