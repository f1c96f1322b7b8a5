import Core

/// What a waiting job is about, the most urgent last: it decides who comes first, and which part of the work a decoder
/// is asked for. In a table, 0 is the most urgent: so has every row been that was written before there were others.
enum JobPriority: Int, SQLConvertible, CaseIterable, Sendable {
    /// Somebody has asked for the AVIF files of a photo that has everything else.
    case wish = -150
    /// A photo that is shown already is to look differently.
    case rerender = -100
    /// The rest of a photo whose thumbnail is shown.
    case renditions = -50
    /// A photo that nobody sees yet.
    case thumbnail = 0

    /// What to ask of the decoder.
    var part: DecodePart {
        switch self {
        case .wish: .avif
        case .rerender: .all
        case .renditions: .rest
        case .thumbnail: .thumbnail
        }
    }

    /// In answers and metrics.
    var name: String {
        switch self {
        case .wish: "wish"
        case .rerender: "rerender"
        case .renditions: "renditions"
        case .thumbnail: "thumbnail"
        }
    }
}
