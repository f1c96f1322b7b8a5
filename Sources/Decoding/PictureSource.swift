import CVips

/// Where pixels come from: decoded as often as asked, each time at the size that is needed.
enum PictureSource {
    /// Whether a decoder gives up at the first broken byte, or shows what it can.
    enum Strictness {
        case strict, lenient

        fileprivate var flag: lumiere_vips_strictness { self == .strict ? LUMIERE_VIPS_STRICT : LUMIERE_VIPS_LENIENT }
    }

    /// A file, to be turned upright as it says itself.
    case file(String)
    /// A HEIF file: those of phones store a thumbnail, several times quicker to decode than their picture.
    case heif(String)
    /// An encoded picture in memory, to be turned clockwise by that many degrees.
    case encoded([UInt8], clockwise: Int)
    /// A picture decoded before.
    case picture(Picture)

    /// Decodes to at most `edge` pixels on the long side: upright, 8-bit sRGB, in memory.
    func decode(longEdge edge: Int, _ strictness: Strictness) throws(VipsLibrary.Failure) -> Picture {
        switch self {
        case .file(let path), .heif(let path):
            return try VipsLibrary.check(lumiere_vips_thumbnail(path, Int32(edge), strictness.flag))
        case .encoded(let bytes, let degrees):
            let image = bytes.withUnsafeBytes { bytes in
                lumiere_vips_thumbnail_bytes(bytes.baseAddress, bytes.count, Int32(edge), strictness.flag)
            }
            return try VipsLibrary.check(image).turned(by: degrees)
        case .picture(let picture):
            return try picture.reduced(toLongEdge: edge)
        }
    }

    /// The thumbnail stored in the file, when it can stand for a decode at that size.
    func storedThumbnail(longEdge edge: Int) -> Picture? {
        guard case .heif(let path) = self else { return nil }
        return try? VipsLibrary.check(lumiere_vips_stored_thumbnail(path, Int32(edge)))
    }
}
