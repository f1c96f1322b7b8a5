import Core
import Glibc

/// A film: facts, a still in all sizes, the poster, a form that plays while it loads and one in segments, when there can be
/// any, and small stills to look for a place by.
struct VideoPipeline {
    let request: DecodeRequest
    let type: SniffedType
    let reply: (DecodeReply) throws -> Void

    func run() throws {
        let time = WorkTime(limit: .milliseconds(request.timeLimit))
        let file = try VideoFile(request.inputPath)
        let boxes = try topLevelBoxes()
        var facts = try VideoProbe.facts(of: file, type)
        if request.part == .film { return try encode(file, facts, time) }
        let poster = try VideoPoster.picture(of: file, longEdge: request.recipe.sizes.last?.longEdge ?? 0)
        facts.isDamaged = poster.isDamaged || boxes?.isCut == true

        let publisher = PicturePublisher(request, reply)
        try publisher.publish(.picture(poster.picture), facts)
        if request.part == .thumbnail { return }
        let quality = request.recipe.sizes.last?.quality ?? 80
        try publisher.writer.write(poster.picture, as: .poster, quality: quality)
        if request.part == .avif { return }
        try publishStream(file, facts, isIndexFirst: boxes?.isIndexFirst)
        try publishSegments(file, facts, time)
        try publishSprite(file, facts, time)
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
        for format in StreamContainer.candidates(file.codecIDs, of: type) {
            let name = "\(RenditionName.stream.rawValue).\(format.fileExtension)"
            let path = "\(request.outputFolder)/\(name)"
            do { try FaststartRemux.run(file, to: path, as: format) } catch is StreamCopy.Refusal {
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

    // MARK: Segments and small stills

    private func publishSegments(_ file: VideoFile, _ facts: MediaFacts, _ time: WorkTime) throws {
        for file in try writeSegments(file, facts, time) { try reply(.rendition(file)) }
    }

    /// A muxer that does not take the streams, and a film for which there is not the time or the memory, leave the film as
    /// it is.
    /// - Returns: none of a film that is left as it is.
    func writeSegments(_ file: VideoFile, _ facts: MediaFacts, _ time: WorkTime) throws -> [DecodedFile] {
        guard facts.video?.asIs == nil else { return [] }
        let segments = VideoSegments(
            file: file, folder: request.outputFolder, recipe: request.recipe.hash, facts: facts, time: time)
        do {
            if let files = try segments.write() { return files }
        } catch is StreamCopy.Refusal, is StreamCopy.Late, is CodecString.NotPlayed {
        } catch let failure as VipsLibrary.Failure {
            throw writing(failure)
        } catch let failure as DecodingFailure where [.resultTooLarge, .outOfMemory].contains(failure) {}
        unlink("\(request.outputFolder)/\(RenditionName.segments.rawValue).\(MediaFormat.mp4.fileExtension)")
        return []
    }

    /// What cannot be drawn is left out: the film plays without it.
    private func publishSprite(_ file: VideoFile, _ facts: MediaFacts, _ time: WorkTime) throws {
        let (recipe, name) = (request.recipe.hash, RenditionName.sprite)
        guard let video = facts.video, request.recipe.formats.contains(.jpeg),
            let track = SpriteTrack(
                file: name.file(recipe: recipe, .jpeg), duration: video.duration, width: facts.width, height: facts.height),
            let picture = try? VideoSprite(file: file, track: track, rotation: video.rotation, time: time).picture()
        else { return }
        do throws(VipsLibrary.Failure) {
            try OutputFile.write(try picture.jpeg(quality: 70, progressive: false), to: "\(request.outputFolder)/sprite.jpg")
            try OutputFile.write(Array(track.text().utf8), to: "\(request.outputFolder)/sprite.vtt")
        } catch {
            throw writing(error)
        }
        for format in [MediaFormat.jpeg, .vtt] {
            let file = "\(name.rawValue).\(format.fileExtension)"
            try reply(.rendition(DecodedFile(name: name, format: format, file: file, width: track.width, height: track.height)))
        }
    }

    private func writing(_ failure: VipsLibrary.Failure) -> DecodingFailure {
        failure.isAboutFileSize ? .resultTooLarge : .internalFailure("A rendition could not be written: \(failure.reason).")
    }
}
