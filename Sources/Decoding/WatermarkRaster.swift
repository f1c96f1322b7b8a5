import CVips
import Core
import Foundation

/// A mark made of pixels: drawn once for every size of picture, then laid over as often as there are such pictures.
struct WatermarkRaster: Sendable, Equatable {
    let width: Int
    let height: Int
    /// Pixels on each side that only the shadow takes.
    let spread: Int
    /// Red, green, blue and alpha.
    private let pixels: [UInt8]

    var byteCount: Int { pixels.count }

    /// Draws a mark as it stands in pictures of one size.
    /// - Parameter picture: the PNG file that the mark names, if it does.
    /// - Throws: `VipsLibrary.Failure` for what cannot be drawn.
    init(_ geometry: WatermarkGeometry, picture: Data?) throws(VipsLibrary.Failure) {
        let mark = geometry.watermark
        var raster = lumiere_raster()
        defer { lumiere_raster_free(&raster) }
        try Self.draw(geometry, picture, &raster)
        let finish = Self.finish(mark, height: Int(raster.height))
        let own = (width: Int(raster.width), height: Int(raster.height))
        try VipsLibrary.check(lumiere_raster_finish(&raster, finish))
        (width, height) = (Int(raster.width), Int(raster.height))
        // What a turn adds is no shadow.
        spread = mark.rotation % 90 == 0 ? max(0, (min(width, height) - min(own.width, own.height)) / 2) : 0
        pixels = Array(UnsafeBufferPointer(start: raster.pixels, count: width * height * 4))
    }

    /// A copy of a picture with the mark at some places.
    func laid(over picture: Picture, at places: [(x: Int, y: Int)]) throws(VipsLibrary.Failure) -> Picture {
        let corners = places.flatMap { [Int32(clamping: $0.x), Int32(clamping: $0.y)] }
        var copy = pixels
        let image = copy.withUnsafeMutableBufferPointer { buffer in
            var raster = lumiere_raster(width: Int32(width), height: Int32(height), pixels: buffer.baseAddress)
            return lumiere_vips_overlay(picture.image, &raster, corners, places.count)
        }
        return try VipsLibrary.check(image)
    }

    private static func draw(
        _ geometry: WatermarkGeometry, _ picture: Data?, _ raster: inout lumiere_raster
    ) throws(VipsLibrary.Failure) {
        if let text = geometry.watermark.text { return try write(text, geometry, &raster) }
        guard let bytes = picture.map(Array.init) else { throw VipsLibrary.Failure(text: "its picture is missing") }
        var (width, height) = (Int32(0), Int32(0))
        try VipsLibrary.check(lumiere_raster_picture_size(bytes, bytes.count, &width, &height))
        guard (1...maximumSide).contains(Int(width)), (1...maximumSide).contains(Int(height)) else {
            throw VipsLibrary.Failure(text: "its picture has more than \(maximumSide) pixels on a side")
        }
        let size = geometry.size(ofNatural: (Int(width), Int(height)))
        try VipsLibrary.check(lumiere_raster_picture(bytes, bytes.count, Int32(size.width), Int32(size.height), &raster))
    }

    /// Once to see its shape, and once in the size that is needed: letters are never stretched.
    private static func write(
        _ text: String, _ geometry: WatermarkGeometry, _ raster: inout lumiere_raster
    ) throws(VipsLibrary.Failure) {
        let (red, green, blue) = geometry.watermark.rgb
        let colour = (Int32(red), Int32(green), Int32(blue))
        try VipsLibrary.check(lumiere_raster_text(text, Int32(sampleResolution), colour.0, colour.1, colour.2, &raster))
        let natural = (width: Int(raster.width), height: Int(raster.height))
        lumiere_raster_free(&raster)
        let wanted = geometry.size(ofNatural: natural)
        let factor = min(Double(wanted.width) / Double(natural.width), Double(wanted.height) / Double(natural.height))
        let resolution = max(Double(leastResolution), Double(sampleResolution) * factor)
        try VipsLibrary.check(lumiere_raster_text(text, Int32(resolution), colour.0, colour.1, colour.2, &raster))
    }

    private static func finish(_ mark: Watermark, height: Int) -> lumiere_finish {
        let (red, green, blue) = mark.rgb
        let isDark = mark.text != nil && 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) < 128_000
        let lines = mark.text?.split(separator: "\n", omittingEmptySubsequences: false).count ?? 4
        let unit = Double(height) / Double(lines)
        return lumiere_finish(
            shadow_sigma: mark.shadow ? max(0.8, unit * 0.06) : 0, shadow_offset: mark.shadow ? Int32(unit * 0.03) : 0,
            shadow_grey: isDark ? 255 : 0, rotation: Int32(mark.rotation), opacity: Int32(mark.opacity))
    }

    /// Pixels of a picture that is used as a mark.
    static let maximumSide = 4096
    /// Dots per inch.
    private static let sampleResolution = 360
    private static let leastResolution = 12
}
