import Core

/// Writes a picture in all of a recipe's sizes: facts first, the smallest size as soon as it exists, then the others.
struct PicturePublisher {
    private let recipe: Recipe
    private let reply: (DecodeReply) throws -> Void
    let writer: RenditionWriter

    init(_ request: DecodeRequest, _ reply: @escaping (DecodeReply) throws -> Void) {
        self.recipe = request.recipe
        self.reply = reply
        self.writer = RenditionWriter(
            folder: request.outputFolder, formats: recipe.pictureFormats, reply: reply, watermark: WatermarkPainter(request))
    }

    /// Damage shows itself only in decoding: the facts therefore wait for the thumbnail, which follows at once.
    func publish(_ source: PictureSource, _ facts: MediaFacts) throws {
        guard let smallest = recipe.sizes.first else { return try reply(.facts(facts)) }
        let thumbnail = try ThumbnailStep.run(source, longEdge: smallest.longEdge)
        var facts = facts
        facts.isDamaged = facts.isDamaged || thumbnail.isDamaged
        try reply(.facts(facts))
        try writer.write(thumbnail.picture, as: smallest.name, quality: smallest.quality)

        let cascade = RenditionCascade(source: source, sizes: Array(recipe.sizes.dropFirst()))
        for level in try cascade.levels() {
            try writer.write(level.picture, as: level.size.name, quality: level.size.quality)
        }
    }
}
