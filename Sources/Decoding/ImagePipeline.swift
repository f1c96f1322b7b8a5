import Core

/// A photo: facts, the thumbnail at once, then the other sizes, and what moves of it.
struct ImagePipeline {
    let request: DecodeRequest
    let type: SniffedType
    let reply: (DecodeReply) throws -> Void

    func run() throws {
        if let raw = rawFile() {
            try ImageInspection.checkSize(width: raw.width, height: raw.height)
            // For a thumbnail a preview of its size does, whatever the rest needs; others may be enlarged to twice theirs.
            let sizes = request.recipe.sizes
            let edge = request.part == .thumbnail ? 2 * (sizes.first?.longEdge ?? 0) : sizes.last?.longEdge ?? 0
            let facts = raw.facts(type, at: request.inputPath)
            try publisher(facts).publish(try RawPreview.source(of: raw, longEdge: edge), facts)
        } else {
            let facts = try ImageInspection.inspect(request.inputPath, type)
            let (path, publisher) = (request.inputPath, publisher(facts))
            try publisher.publish(type == .heic ? .heif(path) : .file(path), facts)
            if type == .gif || type == .webp { try AnimationStep(request: request, writer: publisher.writer).run() }
        }
    }

    private func publisher(_ facts: MediaFacts) -> PicturePublisher { PicturePublisher(request, credit: Credit(facts.exif), reply) }

    /// LibRaw alone can tell a raw file from a TIFF picture.
    private func rawFile() -> RawFile? {
        switch type {
        case .tiff, .raw: RawFile(request.inputPath)
        default: nil
        }
    }
}
