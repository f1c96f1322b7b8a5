import Core
import Glibc

/// A film: facts, a still in all sizes, the poster, and a form that plays while it loads, when there can be one.
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
        if request.part == .thumbnail { return }
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

    /// The original itself when it plays from its first bytes and bears no traces of its making, else a copy like that.
    private func publishStream(_ file: VideoFile, _ facts: MediaFacts, isIndexFirst: Bool?) throws {
        if let format = formatOfOriginal(isIndexFirst), try !DeviceTraces.are(in: file, at: request.inputPath) {
            return try publishStream(format, nil, facts)
        }
        try publishCopy(file, facts)
    }

    /// In the first container that takes the streams; in none of them, there is nothing to play.
    private func publishCopy(_ file: VideoFile, _ facts: MediaFacts) throws {
        for format in StreamContainer.candidates(file.codecs, of: type) {
            let name = "\(RenditionName.stream.rawValue).\(format.fileExtension)"
            let path = "\(request.outputFolder)/\(name)"
            do { try FaststartRemux.run(file, to: path, as: format) } catch is FaststartRemux.Refusal {
                unlink(path)
                continue
            }
            return try publishStream(format, name, facts)
        }
    }

    /// The format under which the original plays while it loads; `nil` when it does not, or nobody looks for what else
    /// it holds.
    private func formatOfOriginal(_ isIndexFirst: Bool?) -> MediaFormat? {
        switch (type, isIndexFirst) {
        case (.mp4, true): .mp4
        case (.mov, true): .mov
        default: nil
        }
    }

    private func publishStream(_ format: MediaFormat, _ file: String?, _ facts: MediaFacts) throws {
        try reply(.rendition(DecodedFile(name: .stream, format: format, file: file, width: facts.width, height: facts.height)))
    }
}
