import CAVFormat
import Core

/// Draws the small stills of a film into one picture.
struct VideoSprite {
    let file: VideoFile
    let track: SpriteTrack
    /// Degrees clockwise.
    let rotation: Int
    let time: WorkTime

    /// Pixels that may be decoded besides key frames: some seconds of work for a film whose key frames lie far apart.
    private static let pixels = 400_000_000

    /// - Returns: `nil` when there is not a single still, or no time for them.
    /// - Throws: `VipsLibrary.Failure`, or `DecodingFailure.internalFailure`.
    func picture() throws -> Picture? {
        let stills = try VideoStills(file, pixels: Self.pixels)
        var sheet = TileSheet(track)
        var tile: [UInt8]?
        let isMirrored = VideoProbe.isMirrored(of: file)
        for index in 0..<track.count {
            if time.isHalfOver { return nil }
            // In the middle of what it stands for, if the key frames allow.
            let time = min(Int64(index) * track.interval + track.interval / 2, track.duration)
            if let frame = try stills.still(at: time * (lumiere_av_time_base / 1000)), let pixels = try? pixels(frame) { tile = pixels }
            if let tile { sheet.place(tile, at: index, turned: rotation, isMirrored: isMirrored) }
        }
        return tile == nil ? nil : try sheet.picture()
    }

    /// As the frame lies in the film.
    private func pixels(_ frame: VideoFrame) throws(VipsLibrary.Failure) -> [UInt8] {
        let isSideways = rotation % 180 != 0
        return try FrameConversion.pixels(
            frame.content, width: isSideways ? track.tileHeight : track.tileWidth,
            height: isSideways ? track.tileWidth : track.tileHeight)
    }
}

/// A picture made of tiles; black where there are none.
struct TileSheet {
    private let track: SpriteTrack
    private(set) var pixels: [UInt8]

    init(_ track: SpriteTrack) {
        self.track = track
        pixels = [UInt8](repeating: 0, count: track.width * track.height * 3)
    }

    /// - Parameters:
    ///   - tile: packed RGB, as large as a tile before it is turned.
    ///   - degrees: clockwise: 0, 90, 180 or 270.
    ///   - isMirrored: whether left and right are exchanged after that.
    mutating func place(_ tile: [UInt8], at index: Int, turned degrees: Int, isMirrored: Bool = false) {
        let origin = track.origin(of: index)
        for y in 0..<track.tileHeight {
            for x in 0..<track.tileWidth {
                let source = self.source(isMirrored ? track.tileWidth - 1 - x : x, y, degrees) * 3
                let target = ((origin.y + y) * track.width + origin.x + x) * 3
                for band in 0..<3 { pixels[target + band] = tile[source + band] }
            }
        }
    }

    func picture() throws(VipsLibrary.Failure) -> Picture {
        try .pixels(pixels, width: track.width, height: track.height, bands: 3)
    }

    /// The pixel of the tile as it lies in the film that is seen at a place of the upright one.
    private func source(_ x: Int, _ y: Int, _ degrees: Int) -> Int {
        let (width, height) = (track.tileWidth, track.tileHeight)
        return switch degrees {
        case 90: (width - 1 - x) * height + y
        case 180: (height - 1 - y) * width + width - 1 - x
        case 270: x * height + height - 1 - y
        default: y * width + x
        }
    }
}
