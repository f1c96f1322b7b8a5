import CAVFormat

/// Turns a frame of a film into a picture.
enum FrameConversion {
    /// Row lengths that every vectorised path of libswscale accepts.
    private static let alignment = 64

    /// Converts to RGB and scales to the shape it is shown in, not larger than `edge` on the long side.
    static func picture(
        _ frame: UnsafeMutablePointer<AVFrame>, displaySize: (width: Int, height: Int), longEdge edge: Int
    ) throws(VipsLibrary.Failure) -> Picture {
        let scale = min(1, Double(edge) / Double(max(displaySize.width, displaySize.height)))
        let width = max(1, Int((Double(displaySize.width) * scale).rounded()))
        let height = max(1, Int((Double(displaySize.height) * scale).rounded()))
        let pixels = try pixels(frame, width: width, height: height)
        return try .pixels(pixels, width: width, height: height, bands: 3)
    }

    /// The bands that pixels can have.
    enum Bands { case grey, rgb }

    /// Packed pixels, row by row; of a high dynamic range, the usual range is made.
    static func pixels(
        _ frame: UnsafeMutablePointer<AVFrame>, width: Int, height: Int, _ bands: Bands = .rgb
    ) throws(VipsLibrary.Failure) -> [UInt8] {
        guard let mapper = ToneMapper.mapper(for: frame) else {
            return try bands == .grey
                ? converted(frame, width, height, AV_PIX_FMT_GRAY8, bytes: 1)
                : converted(frame, width, height, AV_PIX_FMT_RGB24, bytes: 3)
        }
        let codes = try converted(frame, width, height, lumiere_av_pix_fmt_rgb48, bytes: 6)
        let pixels = codes.withUnsafeBytes { mapper.mapped($0.bindMemory(to: UInt16.self)) }
        return bands == .grey ? grey(pixels) : pixels
    }

    /// The brightness (ITU-R BT.709) of packed RGB.
    private static func grey(_ pixels: [UInt8]) -> [UInt8] {
        (0..<pixels.count / 3).map { index -> UInt8 in
            let (red, green, blue) = (Int(pixels[3 * index]), Int(pixels[3 * index + 1]), Int(pixels[3 * index + 2]))
            return UInt8((54 * red + 183 * green + 19 * blue) >> 8)
        }
    }

    /// - Parameter bytes: of a pixel.
    private static func converted(
        _ frame: UnsafeMutablePointer<AVFrame>, _ width: Int, _ height: Int, _ format: AVPixelFormat, bytes: Int
    ) throws(VipsLibrary.Failure) -> [UInt8] {
        let source = frame.pointee
        let quality = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT
        guard source.width > 0, source.height > 0,
            let scaler = sws_getContext(
                source.width, source.height, AVPixelFormat(rawValue: source.format),
                Int32(width), Int32(height), format, quality, nil, nil, nil)
        else { throw VipsLibrary.Failure(text: "unknown pixel format") }
        defer { sws_freeContext(scaler) }
        lumiere_sws_use_colours(scaler, frame)

        let stride = (width * bytes + alignment - 1) / alignment * alignment
        // Vectorised paths may write a little past the last row.
        let padded = UnsafeMutableRawBufferPointer.allocate(byteCount: stride * height + alignment, alignment: alignment)
        defer { padded.deallocate() }
        let target = padded.bindMemory(to: UInt8.self)
        let rows = scaleRows(scaler, source, into: target, stride: stride)
        guard rows == height else { throw VipsLibrary.Failure(text: "the frame cannot be converted") }
        return packed(target, row: width * bytes, height: height, stride: stride)
    }

    private static func scaleRows(
        _ scaler: OpaquePointer, _ frame: AVFrame, into target: UnsafeMutableBufferPointer<UInt8>, stride: Int
    ) -> Int {
        let data = frame.data
        let planes = [data.0, data.1, data.2, data.3].map { plane in plane.map { UnsafePointer<UInt8>($0) } }
        let lines = [frame.linesize.0, frame.linesize.1, frame.linesize.2, frame.linesize.3]
        var targets: [UnsafeMutablePointer<UInt8>?] = [target.baseAddress, nil, nil, nil]
        let strides = [Int32(stride), 0, 0, 0]
        return Int(sws_scale(scaler, planes, lines, 0, frame.height, &targets, strides))
    }

    private static func packed(_ rows: UnsafeMutableBufferPointer<UInt8>, row: Int, height: Int, stride: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: row * height) { packed, count in
            for index in 0..<height {
                let line = UnsafeMutableBufferPointer(rebasing: rows[(index * stride)..<(index * stride + row)])
                _ = packed[(index * row)...].update(fromContentsOf: line)
            }
            count = row * height
        }
    }
}
