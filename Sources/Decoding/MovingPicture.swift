import CVips

/// A picture that moves: all frames in one size, and their times.
struct MovingPicture {
    /// How many frames of which size a file has.
    struct Shape: Equatable {
        var frames: Int
        /// Pixels.
        var width: Int
        /// Pixels.
        var height: Int

        /// - Throws: `VipsLibrary.Failure` for a file that cannot be read.
        init(of path: String) throws(VipsLibrary.Failure) {
            var (frames, width, height) = (Int32(0), Int32(0), Int32(0))
            try VipsLibrary.check(lumiere_vips_frames(path, &frames, &width, &height))
            self.init(frames: Int(frames), width: Int(width), height: Int(height))
        }

        init(frames: Int, width: Int, height: Int) {
            (self.frames, self.width, self.height) = (frames, width, height)
        }
    }

    /// The frames below each other.
    private let strip: Picture
    /// How long each frame is shown (ms).
    let delays: [Int32]
    /// How often all of them are shown; 0 for ever.
    let loops: Int32

    /// Decodes a GIF or WebP file.
    /// - Parameters:
    ///   - edge: pixels on the long side of a frame, at most.
    ///   - frames: as `Shape` has them.
    ///   - limit: time that it may take.
    init(of path: String, longEdge edge: Int, frames: Int, within limit: Duration) throws(VipsLibrary.Failure) {
        var (delays, loops) = ([Int32](repeating: 0, count: frames), Int32(0))
        strip = try VipsLibrary.check(
            lumiere_vips_strip(path, Int32(edge), limit / .seconds(1), Int32(frames), &delays, &loops))
        self.delays = delays.map(Self.shown)
        self.loops = max(0, loops)
    }

    private init(_ strip: Picture, delays: [Int32], loops: Int32) {
        (self.strip, self.delays, self.loops) = (strip, delays, loops)
    }

    var width: Int { strip.width }
    /// Of a frame.
    var height: Int { strip.height / delays.count }

    /// What a delay means: browsers take those up to 10 ms for none given, and show the frame for 100 ms.
    private static func shown(_ delay: Int32) -> Int32 { delay <= 10 ? 100 : delay }

    /// The same with other frames in place of its own, of the same size.
    func mapped(_ change: (Picture) throws -> Picture) throws -> MovingPicture {
        let height = height
        let frames = try delays.indices.map { index in
            try change(try VipsLibrary.check(lumiere_vips_lines(strip.image, Int32(index * height), Int32(height))))
        }
        var images: [OpaquePointer?] = frames.map(\.image)
        let stacked = withExtendedLifetime(frames) { lumiere_vips_stack(&images, Int32(images.count)) }
        return MovingPicture(try VipsLibrary.check(stacked), delays: delays, loops: loops)
    }

    /// The picture as a WebP file, still with the little metadata that libvips adds by itself.
    /// - Parameter limit: time that it may take.
    func webP(quality: Int, effort: Int, within limit: Duration) throws(VipsLibrary.Failure) -> [UInt8] {
        var length = 0
        return try Picture.file(
            lumiere_vips_encode_strip(
                strip.image, Int32(delays.count), delays, loops, Int32(quality), Int32(effort), limit / .seconds(1), &length),
            length)
    }
}
