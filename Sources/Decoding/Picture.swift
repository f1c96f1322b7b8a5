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

    /// A block of the file's metadata by the name that libvips gives it.
    func blob(_ name: String) -> [UInt8]? {
        var length = 0
        guard let bytes = lumiere_vips_blob(image, name, &length) else { return nil }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    /// The bands of one pixel of a decoded picture; `nil` outside of it.
    func pixel(x: Int, y: Int) -> [UInt8]? {
        guard (0..<width).contains(x), (0..<height).contains(y), let pixels = lumiere_vips_pixels(image) else { return nil }
        let bands = Int(lumiere_vips_bands(image))
        return Array(UnsafeRawBufferPointer(start: pixels + (y * width + x) * bands, count: bands))
    }

    /// All pixels of a decoded picture as red, green, blue and opacity, row by row.
    func rgba() -> [UInt8] {
        guard let pixels = lumiere_vips_pixels(image) else { return [] }
        let (bands, count) = (Int(lumiere_vips_bands(image)), width * height)
        let source = UnsafeRawBufferPointer(start: pixels, count: count * bands)
        return [UInt8](unsafeUninitializedCapacity: count * 4) { target, filled in
            for index in 0..<count {
                let start = index * bands
                for band in 0..<3 { target[index * 4 + band] = source[start + (bands < 3 ? 0 : band)] }
                target[index * 4 + 3] = bands % 2 == 0 ? source[start + bands - 1] : 255
            }
            filled = count * 4
        }
    }

    /// A reduced copy that fits into a square; never enlarged.
    /// - Parameter mixesLight: whether small lights in the dark keep their brightness, which takes twice the time.
    func reduced(toLongEdge edge: Int, mixesLight: Bool = false) throws(VipsLibrary.Failure) -> Picture {
        try VipsLibrary.check(lumiere_vips_reduce(image, Int32(edge), mixesLight ? 1 : 0))
    }

    /// A copy with what reducing takes from the finest details given back; the same picture where something is
    /// transparent, as edges would show.
    func sharpened() throws(VipsLibrary.Failure) -> Picture {
        if lumiere_vips_bands(image) % 2 == 0 { return self }
        return try VipsLibrary.check(lumiere_vips_sharpen(image))
    }

    /// A copy turned clockwise by a multiple of 90 degrees.
    func turned(by degrees: Int) throws(VipsLibrary.Failure) -> Picture {
        try VipsLibrary.check(lumiere_vips_turn(image, Int32(degrees)))
    }

    /// A copy with left and right exchanged.
    func mirrored() throws(VipsLibrary.Failure) -> Picture { try VipsLibrary.check(lumiere_vips_mirror(image)) }

    /// The picture as a JPEG file without metadata.
    func jpeg(quality: Int, progressive: Bool) throws(VipsLibrary.Failure) -> [UInt8] {
        var length = 0
        return try Self.file(lumiere_vips_encode_jpeg(image, Int32(quality), progressive ? 1 : 0, &length), length)
    }

    /// The picture as a WebP file, still with the little metadata that libvips adds by itself.
    func webP(quality: Int, effort: Int) throws(VipsLibrary.Failure) -> [UInt8] {
        var length = 0
        return try Self.file(lumiere_vips_encode_webp(image, Int32(quality), Int32(effort), &length), length)
    }

    /// The picture as an AVIF file without metadata.
    func avif(quality: Int, effort: Int) throws(VipsLibrary.Failure) -> [UInt8] {
        var length = 0
        return try Self.file(lumiere_vips_encode_avif(image, Int32(quality), Int32(effort), &length), length)
    }

    /// Takes a file that libvips has allocated.
    static func file(_ bytes: UnsafeMutableRawPointer?, _ length: Int) throws(VipsLibrary.Failure) -> [UInt8] {
        guard let bytes else { throw VipsLibrary.takeFailure() }
        defer { lumiere_vips_free(bytes) }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    func savePNG(to path: String) throws(VipsLibrary.Failure) {
        try VipsLibrary.check(lumiere_vips_save_png(image, path))
    }
}
