import Core
import Foundation

/// Where a mark stands in a picture, and how large it is; pure.
struct WatermarkGeometry {
    let watermark: Watermark
    /// The picture's pixels.
    let width: Int
    /// The picture's pixels.
    let height: Int

    /// Pixels on each side that a mark has at least: less could be nothing at all.
    private static let least = 8

    /// The distance from the edges, in pixels.
    var margin: Int { min(width, height) * watermark.margin / 100 }

    /// The size of the mark before it is turned: as wide as is asked for, but not so high, nor so large once it is turned,
    /// that it would not fit.
    /// - Parameter natural: its own size, of which the shape counts.
    func size(ofNatural natural: (width: Int, height: Int)) -> (width: Int, height: Int) {
        let (ownWidth, ownHeight) = (Double(max(1, natural.width)), Double(max(1, natural.height)))
        let wanted = Double(width * watermark.scale) / 100
        var factor = min(wanted / ownWidth, Double(height) / 2 / ownHeight)
        let angle = Double(watermark.rotation) * .pi / 180
        let turnedWidth = factor * (ownWidth * abs(cos(angle)) + ownHeight * abs(sin(angle)))
        let turnedHeight = factor * (ownWidth * abs(sin(angle)) + ownHeight * abs(cos(angle)))
        let free = (Double(max(1, width - 2 * margin)), Double(max(1, height - 2 * margin)))
        if watermark.place != .tiled { factor *= min(1, free.0 / turnedWidth, free.1 / turnedHeight) }
        return (max(Self.least, Int(ownWidth * factor)), max(Self.least, Int(ownHeight * factor)))
    }

    /// The left upper corners of a finished mark; some may lie outside.
    /// - Parameters:
    ///   - size: of the finished mark.
    ///   - spread: pixels on each side that only its shadow takes, which may reach into the margin.
    func places(of size: (width: Int, height: Int), spread: Int = 0) -> [(x: Int, y: Int)] {
        if watermark.place == .tiled { return tiles(of: size) }
        let edge = margin - spread
        let (right, bottom) = (width - edge - size.width, height - edge - size.height)
        let (middle, centre) = ((width - size.width) / 2, (height - size.height) / 2)
        return switch watermark.place {
        case .topLeft: [(edge, edge)]
        case .top: [(middle, edge)]
        case .topRight: [(right, edge)]
        case .left: [(edge, centre)]
        case .centre: [(middle, centre)]
        case .right: [(right, centre)]
        case .bottomLeft: [(edge, bottom)]
        case .bottom: [(middle, bottom)]
        case .bottomRight: [(right, bottom)]
        case .tiled: []
        }
    }

    /// Rows from edge to edge, every second one moved by half a step.
    private func tiles(of size: (width: Int, height: Int)) -> [(x: Int, y: Int)] {
        let (across, down) = (size.width + max(margin, Self.least), size.height + max(margin, Self.least))
        var places: [(x: Int, y: Int)] = []
        for (row, y) in stride(from: -size.height / 2, to: height, by: down).enumerated() {
            let start = row % 2 == 0 ? -size.width / 2 : -size.width / 2 - across / 2
            for x in stride(from: start, to: width, by: across) { places.append((x, y)) }
        }
        return places
    }
}
