/// A text that says how a film's other files are used. It names them by relative URLs, to which Delivery adds what
/// opens them.
public enum MediaDocument: Sendable, Equatable {
    case variants(VariantPlaylist)
    case segments(SegmentPlaylist)
    case sprite(SpriteTrack)

    /// Bytes that no document exceeds.
    public static let maximumLength = 256 * 1024

    /// Reads a document of that name and format; `nil` for anything that Lumiere would not have written.
    public init?(_ bytes: [UInt8], _ name: RenditionName, _ format: MediaFormat) {
        guard bytes.count <= Self.maximumLength, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let document: MediaDocument? = switch (name, format) {
        case (.hls, .m3u8): VariantPlaylist(text).map(MediaDocument.variants)
        case (.segments, .m3u8): SegmentPlaylist(text).map(MediaDocument.segments)
        case (.sprite, .vtt): SpriteTrack(text).map(MediaDocument.sprite)
        default: nil
        }
        guard let document else { return nil }
        self = document
    }

    /// The one file that it speaks of.
    public var file: String {
        switch self {
        case .variants(let playlist): playlist.file
        case .segments(let playlist): playlist.file
        case .sprite(let track): track.file
        }
    }

    /// The name and format of that file.
    public var rendition: (name: RenditionName, format: MediaFormat) {
        switch self {
        case .variants: (.segments, .m3u8)
        case .segments: (.segments, .mp4)
        case .sprite: (.sprite, .jpeg)
        }
    }

    /// - Parameter query: added to each URL, with its question mark.
    public func text(query: String = "") -> String {
        switch self {
        case .variants(let playlist): playlist.text(query: query)
        case .segments(let playlist): playlist.text(query: query)
        case .sprite(let track): track.text(query: query)
        }
    }

    /// A number of thousandths, as a decimal: `6.040`.
    static func decimal(_ thousandths: Int64) -> String {
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}

extension MediaFormat {
    /// Whether its files are documents, as `MediaDocument` has them.
    public var isDocument: Bool { self == .m3u8 || self == .vtt }
}
