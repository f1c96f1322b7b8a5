import Core
import Glibc

/// A film: facts, a still in all sizes, the poster, and a form that plays while it loads.
struct VideoPipeline {
    let request: DecodeRequest
    let type: SniffedType
    let reply: (DecodeReply) throws -> Void

    func run() throws {
        let file = try VideoFile(request.inputPath)
        let boxes = try topLevelBoxes()
        var facts = try VideoProbe.facts(of: file, type)
        let poster = try VideoPoster.picture(of: file, longEdge: request.recipe.sizes.last?.longEdge ?? 0)
        facts.isDamaged = poster.isDamaged || boxes?.isCut == true

        let publisher = PicturePublisher(request, reply)
        try publisher.publish(.picture(poster.picture), facts)
        let quality = request.recipe.sizes.last?.quality ?? 80
        try publisher.writer.write(poster.picture, as: .poster, quality: quality)
        try publishStream(file, facts, isIndexFirst: boxes?.isIndexFirst)
    }

    /// Only ISO media files have boxes.
    private func topLevelBoxes() throws -> TopLevelBoxes? {
        guard type == .mp4 || type == .mov else { return nil }
        let input = try InputFile(request.inputPath)
        return try TopLevelBoxes(size: input.size, read: input.read)
    }

    /// The original itself when it plays from its first bytes, else a copy that does.
    private func publishStream(_ file: VideoFile, _ facts: MediaFacts, isIndexFirst: Bool?) throws {
        guard let video = facts.video else { return }
        switch (type, isIndexFirst) {
        case (.webm, _): try publishStream(.webm, nil, facts)
        case (.mp4, true): try publishStream(.mp4, nil, facts)
        case (.mov, true): try publishStream(.mov, nil, facts)
        default:
            let format = FaststartRemux.format(for: video)
            let name = "\(RenditionName.stream.rawValue).\(format.fileExtension)"
            try FaststartRemux.run(file, to: "\(request.outputFolder)/\(name)", as: format)
            try publishStream(format, name, facts)
        }
    }

    private func publishStream(_ format: MediaFormat, _ file: String?, _ facts: MediaFacts) throws {
        try reply(.rendition(DecodedFile(name: .stream, format: format, file: file, width: facts.width, height: facts.height)))
    }
}
