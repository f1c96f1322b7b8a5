import Core

/// One request carried out: looks at the content, chooses the pipeline, reports as it goes.
public struct DecodeJob {
    private let request: DecodeRequest

    /// A job that has not begun.
    public init(_ request: DecodeRequest) { self.request = request }

    /// Derives everything the recipe asks for. Every outcome is a reply; the last is `done` or `failed`.
    /// - Throws: only what `reply` throws.
    public func run(_ reply: @escaping (DecodeReply) throws -> Void) throws {
        do {
            try VipsLibrary.start()
            try perform(reply)
        } catch let failure as DecodingFailure {
            return try reply(.failed(failure.reason))
        } catch let failure as VipsLibrary.Failure {
            return try reply(.failed(DecodingFailure.internalFailure("The decoder cannot start: \(failure.reason).").reason))
        }
        try reply(.done)
    }

    private func perform(_ reply: @escaping (DecodeReply) throws -> Void) throws {
        let head = try InputFile(request.inputPath).read(0, MediaSniffer.window)
        guard !head.isEmpty else { throw DecodingFailure.unsupported("The file is empty.") }
        switch MediaSniffer.sniff(head) {
        case .none: throw DecodingFailure.unsupported()
        case .some(let type) where type.isFilm: try VideoPipeline(request: request, type: type, reply: reply).run()
        case .some where request.part == .film: throw DecodingFailure.unsupported("This is no film.")
        case .some(let type): try ImagePipeline(request: request, type: type, reply: reply).run()
        }
    }
}

extension SniffedType {
    fileprivate var isFilm: Bool { [.mp4, .mov, .webm, .matroska].contains(self) }
}
