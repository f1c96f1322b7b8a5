/// What the first bytes of a file say it is; names and declared types are never asked.
public enum SniffedType: Equatable, Sendable {
    case jpeg, png, webp, gif, heic, avif
    /// A TIFF picture, or a camera's raw file that does not say so in its beginning: most of those are TIFFs.
    case tiff
    /// A camera's raw file of that media type.
    case raw(String)
    case mp4, mov, webm, matroska

    /// The media type.
    public var contentType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        case .webp: "image/webp"
        case .gif: "image/gif"
        case .heic: "image/heic"
        case .avif: "image/avif"
        case .tiff: "image/tiff"
        case .raw(let type): type
        case .mp4: "video/mp4"
        case .mov: "video/quicktime"
        case .webm: "video/webm"
        case .matroska: "video/x-matroska"
        }
    }
}

/// Tells media types apart by their magic bytes. Pure.
public enum MediaSniffer {
    /// Bytes from a file's start that `sniff` wants to see, if there are as many.
    public static let window = 1024

    /// The type of a file that begins with `head`; `nil` for anything that Lumiere does not read.
    public static func sniff(_ head: [UInt8]) -> SniffedType? {
        let type = signatures.first { matches(head, $0.pieces) }?.type ?? isoMedia(head) ?? matroska(head)
        return type == .tiff ? rawFile(head) ?? .tiff : type
    }

    private typealias Piece = (offset: Int, bytes: [UInt8])

    /// More telling signatures stand before those they contain.
    private static let signatures: [(type: SniffedType, pieces: [Piece])] = [
        (.jpeg, [(0, [0xFF, 0xD8, 0xFF])]),
        (.png, [(0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])]),
        (.webp, [text("RIFF"), text("WEBP", at: 8)]),
        (.gif, [text("GIF87a")]),
        (.gif, [text("GIF89a")]),
        (.raw("image/x-canon-cr2"), [text("II*\0"), text("CR", at: 8)]),
        (.raw("image/x-canon-crw"), [text("II"), text("HEAPCCDR", at: 6)]),
        (.raw("image/x-fuji-raf"), [text("FUJIFILMCCD-RAW")]),
        (.raw("image/x-olympus-orf"), [text("IIRO")]),
        (.raw("image/x-olympus-orf"), [text("IIRS")]),
        (.raw("image/x-olympus-orf"), [text("MMOR")]),
        (.raw("image/x-panasonic-rw2"), [text("IIU\0")]),
        (.raw("image/x-minolta-mrw"), [text("\0MRM")]),
        (.raw("image/x-sigma-x3f"), [text("FOVb")]),
        (.tiff, [text("II*\0")]),
        (.tiff, [text("MM\0*")]),
        (.tiff, [text("II+\0")]),
        (.tiff, [text("MM\0+")]),
    ]

    private static func text(_ text: String, at offset: Int = 0) -> Piece { (offset, Array(text.utf8)) }

    private static func matches(_ head: [UInt8], _ pieces: [Piece]) -> Bool {
        pieces.allSatisfy { head.dropFirst($0.offset).starts(with: $0.bytes) }
    }
}
