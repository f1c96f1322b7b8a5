/// The named sizes and derived files.
public enum RenditionName: String, Sendable, Codable, CaseIterable, SQLConvertible {
    case thumb, small, medium, large
    /// A still of a video, as large as `large`.
    case poster
    /// A video in a form that plays from its first bytes.
    case stream
    /// Small stills of a video, in one picture, and the track that says which stands for what time.
    case sprite
    /// A picture that moves, as animated WebP.
    case animation
    /// What players of HTTP Live Streaming are given: the multivariant playlist.
    case hls
    /// A video as fragmented MP4, in one file, and the media playlist that says where its segments lie.
    case segments

    /// Whether its pictures show what the original shows, at some size.
    public var isStill: Bool {
        switch self {
        case .thumb, .small, .medium, .large, .poster: true
        case .stream, .sprite, .animation, .hls, .segments: false
        }
    }
}

/// The forms Lumiere writes or passes on.
public enum MediaFormat: String, Sendable, Codable, CaseIterable, SQLConvertible {
    case jpeg, webp, avif, png, mp4, mov, webm
    /// A playlist of HTTP Live Streaming (RFC 8216).
    case m3u8
    /// A WebVTT track.
    case vtt

    /// The media type.
    public var contentType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .webp: "image/webp"
        case .avif: "image/avif"
        case .png: "image/png"
        case .mp4: "video/mp4"
        case .mov: "video/quicktime"
        case .webm: "video/webm"
        case .m3u8: "application/vnd.apple.mpegurl"
        case .vtt: "text/vtt"
        }
    }

    /// Without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// The format with that extension; `nil` when there is none.
    public init?(fileExtension: String) {
        guard let format = Self.allCases.first(where: { $0.fileExtension == fileExtension }) else { return nil }
        self = format
    }
}

/// The pure description of what to derive from an original.
public struct Recipe: Sendable, Hashable, Codable {
    /// One size of a picture.
    public struct Size: Sendable, Hashable, Codable {
        /// What it is published as.
        public var name: RenditionName
        /// Pixels; a smaller original is never enlarged.
        public var longEdge: Int
        /// 1 to 100.
        public var quality: Int

        /// A size; see the properties of the same names.
        public init(_ name: RenditionName, longEdge: Int, quality: Int) {
            self.name = name
            self.longEdge = longEdge
            self.quality = quality
        }
    }

    /// What of the camera's and the photographer's metadata stays in what is derived.
    public enum Metadata: String, Sendable, Codable, CaseIterable {
        /// Nothing at all.
        case none
        /// Who made the picture and whose rights are reserved.
        case rights
    }

    /// Ascending; the first is published on its own.
    public var sizes: [Size]
    /// Every size is written in each of these.
    public var formats: [MediaFormat]
    /// Counted up when the code that follows recipes changes what comes out.
    public var version: Int
    /// What stays of the metadata.
    public var metadata: Metadata
    /// Laid over every picture but `thumb`; `nil` for none.
    public var watermark: Watermark?
    /// The size that pictures which move are also made in as such, one of `sizes`; `nil` makes none.
    public var animation: RenditionName?

    /// A recipe; see the properties of the same names.
    public init(
        sizes: [Size], formats: [MediaFormat], version: Int, metadata: Metadata = .rights, watermark: Watermark? = nil,
        animation: RenditionName? = nil
    ) {
        self.sizes = sizes
        self.formats = formats
        self.version = version
        self.metadata = metadata
        self.watermark = watermark
        self.animation = animation
    }

    /// `thumb` 320, `small` 640, `medium` 1280, `large` 2560, each as JPEG and WebP.
    public static let standard = Recipe(
        sizes: [
            Size(.thumb, longEdge: 320, quality: 78), Size(.small, longEdge: 640, quality: 80),
            Size(.medium, longEdge: 1280, quality: 82), Size(.large, longEdge: 2560, quality: 84),
        ],
        formats: [.jpeg, .webp], version: 3)

    /// Twelve hex digits that change whenever the recipe does; part of a rendition's URL.
    /// FNV-1a over the canonical JSON: it tells recipes apart, it protects nothing.
    public var hash: String {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in (try? JSON.text(self))?.utf8 ?? "".utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(state, radix: 16)
        return String((String(repeating: "0", count: 16 - digits.count) + digits).suffix(12))
    }
}

extension Recipe {
    private enum CodingKeys: String, CodingKey { case sizes, formats, version, metadata, watermark, animation }

    /// Of jobs that wait since before recipes had a policy, too.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            sizes: try container.decode([Size].self, forKey: .sizes),
            formats: try container.decode([MediaFormat].self, forKey: .formats),
            version: try container.decode(Int.self, forKey: .version),
            metadata: try container.decodeIfPresent(Metadata.self, forKey: .metadata) ?? .rights,
            watermark: try container.decodeIfPresent(Watermark.self, forKey: .watermark),
            animation: try container.decodeIfPresent(RenditionName.self, forKey: .animation))
    }
}
