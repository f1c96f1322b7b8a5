import Core
import Foundation
import Synchronization

/// Lays a recipe's mark over pictures.
struct WatermarkPainter {
    private let watermark: Watermark
    private let picture: Data?

    /// `nil` when the recipe has none.
    init?(_ request: DecodeRequest) {
        guard let watermark = request.recipe.watermark else { return nil }
        self.watermark = watermark
        self.picture = request.watermarkPicture
    }

    /// The picture as it is published under a name: the thumbnail stays clean.
    /// - Throws: `DecodingFailure.internalFailure` when the mark cannot be drawn: nothing is published without it.
    func painted(_ picture: Picture, as name: RenditionName) throws -> Picture {
        if name == .thumb { return picture }
        let geometry = WatermarkGeometry(watermark: watermark, width: picture.width, height: picture.height)
        do throws(VipsLibrary.Failure) {
            let raster = try raster(geometry)
            return try raster.laid(over: picture, at: geometry.places(of: (raster.width, raster.height), spread: raster.spread))
        } catch {
            throw DecodingFailure.internalFailure("The watermark cannot be drawn: \(error.reason).")
        }
    }

    private func raster(_ geometry: WatermarkGeometry) throws(VipsLibrary.Failure) -> WatermarkRaster {
        let key = WatermarkCache.Key(watermark: watermark, width: geometry.width, height: geometry.height)
        if let known = WatermarkCache.shared.withLock({ $0[key] }) { return known }
        let raster = try WatermarkRaster(geometry, picture: picture)
        WatermarkCache.shared.withLock { $0.add(raster, under: key) }
        return raster
    }
}

/// The marks that this process has drawn, by the size of the pictures they are for.
struct WatermarkCache {
    struct Key: Hashable {
        /// A picture that it draws is named by its content.
        var watermark: Watermark
        var width: Int
        var height: Int
    }

    static let shared = Mutex(WatermarkCache())
    /// Bytes.
    static let capacity = 48 << 20

    private var rasters: [Key: WatermarkRaster] = [:]
    private var bytes = 0

    subscript(_ key: Key) -> WatermarkRaster? { rasters[key] }

    /// Keeps a mark, unless it would take too much; those before it go when there is no room.
    mutating func add(_ raster: WatermarkRaster, under key: Key) {
        guard raster.byteCount <= Self.capacity / 4 else { return }
        if bytes + raster.byteCount > Self.capacity {
            rasters = [:]
            bytes = 0
        }
        if rasters.updateValue(raster, forKey: key) == nil { bytes += raster.byteCount }
    }
}
