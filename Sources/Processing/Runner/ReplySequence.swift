import Core

/// Holds a decoder's replies to one request against the rules, and says what each means; pure.
///
/// A decoder reads strangers' files and may have been taken over by one: nothing it says is used unchecked.
struct ReplySequence {
    enum Step: Equatable {
        case facts(MediaFacts)
        /// - Parameter isFirst: with this file the photo can be shown.
        case file(DecodedFile, isFirst: Bool)
        case finish
        case refused(ProcessingFailure)
    }

    private let recipe: Recipe
    private let part: DecodePart
    private var facts: MediaFacts?
    private var hasFirst = false
    private var files: Set<String> = []

    /// - Parameter part: what was asked for.
    init(_ recipe: Recipe, _ part: DecodePart = .all) {
        self.recipe = recipe
        self.part = part
    }

    /// - Throws: `DecoderConversation.End.violation`.
    mutating func take(_ reply: DecodeReply) throws(DecoderConversation.End) -> Step {
        switch reply {
        case .facts(let facts): return .facts(try accept(facts))
        case .rendition(let file): return try accept(file)
        case .failed(let failure): return .refused(Self.cleaned(failure))
        case .done:
            guard isComplete else { throw .violation("done too soon") }
            return .finish
        }
    }

    /// Whether enough has come for what was asked for.
    private var isComplete: Bool {
        switch part {
        case .all, .thumbnail: hasFirst
        case .rest: !files.isEmpty || recipe.sizes.count < 2
        case .avif: files.count >= recipe.sizes.count
        case .film: files.contains("\(RenditionName.stream.rawValue).\(MediaFormat.mp4.fileExtension)")
        }
    }

    private mutating func accept(_ facts: MediaFacts) throws(DecoderConversation.End) -> MediaFacts {
        guard self.facts == nil else { throw .violation("facts twice") }
        let checked = try facts.checked()
        self.facts = checked
        return checked
    }

    private mutating func accept(_ file: DecodedFile) throws(DecoderConversation.End) -> Step {
        guard let facts else { throw .violation("a file before the facts") }
        guard isAskedFor(file, of: facts) else { throw .violation("a file that nobody asked for") }
        let name = "\(file.name.rawValue).\(file.format.fileExtension)"
        guard file.file == name || part != .film && isOriginal(file, facts) else { throw .violation("bad file name") }
        guard files.insert(name).inserted else { throw .violation("the same file twice") }
        let isFirst = !hasFirst && part != .avif && file.name == recipe.sizes.first?.name && file.format == firstFormat
        if isFirst { hasFirst = true }
        return .file(file, isFirst: isFirst)
    }

    /// Whether the recipe, or a film beside it, leads to such a file of such a size.
    private func isAskedFor(_ file: DecodedFile, of facts: MediaFacts) -> Bool {
        let isThumbnail = file.name == recipe.sizes.first?.name
        switch part {
        case .all: break
        case .thumbnail, .rest: guard isThumbnail == (part == .thumbnail) else { return false }
        case .avif: guard file.name.isStill else { return false }
        case .film: return isAskedFor(file, ofEncoded: facts)
        }
        if file.name == .animation { return isAskedFor(file, ofMoving: facts) }
        if !file.name.isStill { return isAskedFor(file, ofFilm: facts) }
        let size = file.name == .poster
            ? (facts.kind == .video ? recipe.sizes.last : nil) : recipe.sizes.first { $0.name == file.name }
        let formats = part == .avif ? [.avif] : recipe.formats
        guard let edge = size?.longEdge, edge >= 1, formats.contains(file.format), !file.format.isFilm else { return false }
        return (1...edge).contains(file.width) && (1...edge).contains(file.height)
    }

    private func isAskedFor(_ file: DecodedFile, ofMoving facts: MediaFacts) -> Bool {
        guard ["image/gif", "image/webp"].contains(facts.contentType), file.format == .webp,
            let edge = recipe.sizes.first(where: { $0.name == recipe.animation })?.longEdge, edge >= 1
        else { return false }
        return (1...edge).contains(file.width) && (1...edge).contains(file.height)
    }

    /// The files beside a film's stills: ways to play it, and to look for a place in it.
    private func isAskedFor(_ file: DecodedFile, ofFilm facts: MediaFacts) -> Bool {
        guard facts.kind == .video else { return false }
        let isWhole = (file.width, file.height) == (facts.width, facts.height)
        switch (file.name, file.format) {
        case (.stream, let format): return isWhole && format.isFilm
        case (.segments, .mp4), (.segments, .m3u8), (.hls, .m3u8): return isWhole
        case (.sprite, .jpeg), (.sprite, .vtt):
            let rows = (SpriteTrack.maximumCount + SpriteTrack.columns - 1) / SpriteTrack.columns
            return (1...SpriteTrack.columns * SpriteTrack.tileEdge).contains(file.width)
                && (1...rows * SpriteTrack.tileEdge).contains(file.height)
        default: return false
        }
    }

    /// The same of a film that was encoded anew: no larger than it was, but for an even number of pixels.
    private func isAskedFor(_ file: DecodedFile, ofEncoded facts: MediaFacts) -> Bool {
        guard facts.kind == .video, (1...facts.width + 1).contains(file.width), (1...facts.height + 1).contains(file.height) else {
            return false
        }
        return switch (file.name, file.format) {
        case (.stream, .mp4), (.segments, .mp4), (.segments, .m3u8), (.hls, .m3u8): true
        default: false
        }
    }

    private func isOriginal(_ file: DecodedFile, _ facts: MediaFacts) -> Bool {
        file.file == nil && file.name == .stream && file.format.contentType == facts.contentType
    }

    /// The form every client can show.
    private var firstFormat: MediaFormat? { recipe.formats.contains(.jpeg) ? .jpeg : recipe.formats.first }

    private static func cleaned(_ failure: ProcessingFailure) -> ProcessingFailure {
        guard knownCodes.contains(failure.code) else { return RetryPolicy.failure(for: .ours) }
        return ProcessingFailure(code: failure.code, detail: DecoderText.cleaned(failure.detail, limit: 300) ?? "")
    }

    private static let knownCodes: Set = ["unsupported_format", "damaged", "too_large", "timed_out", "internal"]
}
