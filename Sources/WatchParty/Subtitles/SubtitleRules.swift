import Core

/// What holds of subtitles.
enum SubtitleRules {
    /// Of one film in one party.
    static let maxTracks = 16
    /// Of all films in one party, and what they are together as they are kept.
    static let maxTracksOfParty = 200
    static let maxBytesOfParty = 32 << 20
    /// Of one track, as it is sent.
    static let maxBytes = 1 << 20
    /// Of a line, and how many of them are shown at once.
    static let maxLineBytes = 2000
    static let maxLines = 50

    static let unreadable = Problem(422, "bad_subtitles", "These are no subtitles: send WebVTT or SRT in UTF-8.")
    static let overlong = Problem(
        422, "bad_subtitles", "A line has at most \(maxLineBytes) bytes, and at most \(maxLines) of them are shown at once.")
    static let tooLarge = Problem.tooLarge("Subtitles have at most 1 MiB.", code: "subtitles_too_large")
}
