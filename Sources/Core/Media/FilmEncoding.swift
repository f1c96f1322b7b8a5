/// How films are encoded anew that browsers cannot play: as H.264 and AAC.
public struct FilmEncoding: Sendable, Hashable, Codable {
    /// How much effort goes into few bytes, the least first; libx264's names.
    public enum Preset: String, Sendable, Codable, CaseIterable { case ultrafast, superfast, veryfast, faster, fast, medium, slow }

    /// Pixels of the short edge; smaller films are not enlarged.
    public var maximumLines: Int
    /// The constant rate factor: 0 (best) to 51; six more halve the bytes.
    public var rateFactor: Int
    /// See `Preset`.
    public var preset: Preset
    /// Threads that work on one film.
    public var threads: Int

    /// What the values above can be.
    public static let (lines, rateFactors, threadCounts) = (144...2160, 0...51, 1...64)

    /// An encoding; see the properties of the same names.
    public init(maximumLines: Int = 1080, rateFactor: Int = 23, preset: Preset = .veryfast, threads: Int = 2) {
        self.maximumLines = maximumLines
        self.rateFactor = rateFactor
        self.preset = preset
        self.threads = threads
    }
}

extension MediaFacts.Video {
    /// Pictures and sounds that browsers play without segments, too.
    private static let played = (
        pictures: ["h264", "vp8", "vp9", "av1"] as Set, sounds: ["aac", "mp3", "opus", "vorbis", "flac"] as Set
    )

    /// Whether most browsers show nothing of the film, or play it without its sound.
    public var isForeignToBrowsers: Bool {
        let isSoundForeign = audioCodec.map { !Self.played.sounds.contains($0) } ?? false
        return switch asIs {
        case nil, .keyFrames, .noCopy: false
        case .pictureProfile: true
        case .pictureCodec, .soundCodec: isSoundForeign || !Self.played.pictures.contains(videoCodec)
        }
    }
}
