import CVips

/// An image of libvips, released with its owner.
final class Picture {
    let image: OpaquePointer

    /// - Parameter image: a reference that now belongs to this object.
    init(owning image: OpaquePointer) { self.image = image }

    deinit { lumiere_vips_release(image) }

    /// Reads the header of a file.
    static func open(_ path: String) throws(VipsLibrary.Failure) -> Picture {
        try VipsLibrary.check(lumiere_vips_open(path))
    }

    /// Copies packed 8-bit pixels: RGB (3 bands) or grey (1 band).
    static func pixels(_ pixels: UnsafeRawPointer, width: Int, height: Int, bands: Int) throws(VipsLibrary.Failure) -> Picture {
        try VipsLibrary.check(lumiere_vips_from_pixels(pixels, Int32(width), Int32(height), Int32(bands)))
    }

    /// Pixels, as stored.
    var width: Int { Int(lumiere_vips_width(image)) }
    var height: Int { Int(lumiere_vips_height(image)) }
    /// Whether showing it upright exchanges width and height.
    var isSideways: Bool { lumiere_vips_is_sideways(image) != 0 }

    /// The raw Exif block.
    var exif: [UInt8]? {
        var length = 0
        guard let bytes = lumiere_vips_exif(image, &length) else { return nil }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    /// The bands of one pixel of a decoded picture; `nil` outside of it.
    func pixel(x: Int, y: Int) -> [UInt8]? {
        guard (0..<width).contains(x), (0..<height).contains(y), let pixels = lumiere_vips_pixels(image) else { return nil }
        let bands = Int(lumiere_vips_bands(image))
        return Array(UnsafeRawBufferPointer(start: pixels + (y * width + x) * bands, count: bands))
    }

    /// A reduced copy that fits into a square; never enlarged.
    func reduced(toLongEdge edge: Int) throws(VipsLibrary.Failure) -> Picture {
        try VipsLibrary.check(lumiere_vips_reduce(image, Int32(edge)))
    }

    /// A copy turned clockwise by a multiple of 90 degrees.
    func turned(by degrees: Int) throws(VipsLibrary.Failure) -> Picture {
        try VipsLibrary.check(lumiere_vips_turn(image, Int32(degrees)))
    }

    func saveJPEG(to path: String, quality: Int, progressive: Bool) throws(VipsLibrary.Failure) {
        try VipsLibrary.check(lumiere_vips_save_jpeg(image, path, Int32(quality), progressive ? 1 : 0))
    }

    /// The picture as a WebP file, still with the little metadata that libvips adds by itself.
    func webP(quality: Int, effort: Int) throws(VipsLibrary.Failure) -> [UInt8] {
        var length = 0
        guard let bytes = lumiere_vips_encode_webp(image, Int32(quality), Int32(effort), &length) else {
            throw VipsLibrary.takeFailure()
        }
        defer { lumiere_vips_free(bytes) }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    func savePNG(to path: String) throws(VipsLibrary.Failure) {
        try VipsLibrary.check(lumiere_vips_save_png(image, path))
    }
}
