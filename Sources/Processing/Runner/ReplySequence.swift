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
    private var hasFacts = false
    private var hasFirst = false
    private var files: Set<String> = []

    init(_ recipe: Recipe) { self.recipe = recipe }

    /// - Throws: `DecoderConversation.End.violation`.
    mutating func take(_ reply: DecodeReply) throws(DecoderConversation.End) -> Step {
        switch reply {
        case .facts(let facts): return .facts(try accept(facts))
        case .rendition(let file): return try accept(file)
        case .failed(let failure): return .refused(Self.cleaned(failure))
        case .done:
            guard hasFirst else { throw .violation("done without a thumbnail") }
            return .finish
        }
    }

    private mutating func accept(_ facts: MediaFacts) throws(DecoderConversation.End) -> MediaFacts {
        guard !hasFacts else { throw .violation("facts twice") }
        guard Self.isPlausible(facts.width, facts.height) else { throw .violation("impossible size") }
        hasFacts = true
        return facts
    }

    private mutating func accept(_ file: DecodedFile) throws(DecoderConversation.End) -> Step {
        guard hasFacts else { throw .violation("a file before the facts") }
        guard Self.isPlausible(file.width, file.height) else { throw .violation("impossible size") }
        guard file.file.map(Self.isPlain) ?? (file.name == .stream) else { throw .violation("bad file name") }
        guard files.insert("\(file.name.rawValue).\(file.format.rawValue)").inserted else {
            throw .violation("the same file twice")
        }
        let isFirst = !hasFirst && file.name == recipe.sizes.first?.name && file.format == firstFormat
        if isFirst { hasFirst = true }
        return .file(file, isFirst: isFirst)
    }

    /// The form every client can show.
    private var firstFormat: MediaFormat? { recipe.formats.contains(.jpeg) ? .jpeg : recipe.formats.first }

    private static func isPlausible(_ width: Int, _ height: Int) -> Bool {
        (1...maxEdge).contains(width) && (1...maxEdge).contains(height)
    }

    private static func isPlain(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count) && name.first != "." && name.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || [45, 46, 95].contains(byte)
        }
    }

    private static func cleaned(_ failure: ProcessingFailure) -> ProcessingFailure {
        guard knownCodes.contains(failure.code) else { return RetryPolicy.failure(for: .ours) }
        let detail = failure.detail.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(300)
        return ProcessingFailure(code: failure.code, detail: String(String.UnicodeScalarView(detail)))
    }

    private static let knownCodes: Set = ["unsupported_format", "damaged", "too_large", "timed_out", "internal"]
    /// Pixels.
    private static let maxEdge = 1 << 20
}
