/// A small picture in plain memory: what is computed from a few pixels needs no library.
struct RGBAPixels: Equatable {
    var width: Int
    var height: Int
    /// Red, green, blue and opacity of each pixel, row by row.
    var bytes: [UInt8]

    /// Pixels on the long side that likenesses are computed from.
    static let longEdge = 100

    /// Brightness of each pixel (ITU-R BT.601); what is transparent counts as white.
    var luma: [UInt8] {
        stride(from: 0, to: bytes.count, by: 4).map { index in
            let (red, green, blue) = (Int(bytes[index]), Int(bytes[index + 1]), Int(bytes[index + 2]))
            let (light, opacity) = ((299 * red + 587 * green + 114 * blue) / 1000, Int(bytes[index + 3]))
            return UInt8((light * opacity + 255 * (255 - opacity)) / 255)
        }
    }
}

extension RGBAPixels {
    /// A decoded picture's pixels, reduced to `longEdge`.
    init(of picture: Picture) throws(VipsLibrary.Failure) {
        let small = try picture.reduced(toLongEdge: Self.longEdge)
        self.init(width: small.width, height: small.height, bytes: small.rgba())
    }
}
