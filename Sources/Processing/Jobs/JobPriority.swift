import Core

/// What a waiting job is about, the most urgent last: it decides who comes first, and which part of the work a decoder
/// is asked for. In a table, 0 is the most urgent: so has every row been that was written before there were others.
enum JobPriority: Int, SQLConvertible, CaseIterable, Sendable {
    /// A film that browsers cannot play is to be encoded anew. It has decoders of its own.
    case film = -200
    /// Somebody has asked for the AVIF files of a photo that has everything else.
    case wish = -150
    /// A photo that is shown already is to look differently.
    case rerender = -100
    /// The rest of a photo whose thumbnail is shown.
    case renditions = -50
    /// A photo that nobody sees yet.
    case thumbnail = 0

    /// Whether the photo has everything else, and is what it was when nothing comes of this.
    var isExtra: Bool { Self.extras.contains(self) }
    static let extras: [JobPriority] = [.film, .wish]

    /// What to ask of the decoder.
    var part: DecodePart {
        switch self {
        case .film: .film
        case .wish: .avif
        case .rerender: .all
        case .renditions: .rest
        case .thumbnail: .thumbnail
        }
    }

    /// In answers and metrics.
    var name: String {
        switch self {
        case .film: "film"
        case .wish: "wish"
        case .rerender: "rerender"
        case .renditions: "renditions"
        case .thumbnail: "thumbnail"
        }
    }
}
