import Glibc

/// A picture in about 25 bytes, for showing before anything else has come: ThumbHash, as Evan Wallace published it.
/// The lowest frequencies of brightness, two colour differences and opacity, four bits each.
struct ThumbHash {
    /// A channel as the mean and the lowest frequencies, these between 0 and 1 on a scale of their own.
    private struct Spectrum {
        var mean = 0.0
        var rest: [Double] = []
        var scale = 0.0
    }

    let bytes: [UInt8]

    /// - Parameter pixels: at most 100 on a side, at least one.
    init(_ pixels: RGBAPixels) {
        let channels = Channels(pixels)
        let (width, height) = (Double(pixels.width), Double(pixels.height))
        let limit = channels.hasOpacity ? 5.0 : 7.0
        let columns = max(1, Int((limit * width / max(width, height)).rounded()))
        let rows = max(1, Int((limit * height / max(width, height)).rounded()))
        let light = Self.spectrum(channels.light, pixels, max(3, columns), max(3, rows))
        let yellow = Self.spectrum(channels.yellow, pixels, 3, 3)
        let red = Self.spectrum(channels.red, pixels, 3, 3)
        let opacity = channels.hasOpacity ? Self.spectrum(channels.opacity, pixels, 5, 5) : nil

        let isLandscape = width > height
        let first = Self.step(light.mean, 63) | Self.step(0.5 + yellow.mean / 2, 63) << 6 | Self.step(0.5 + red.mean / 2, 63) << 12
            | Self.step(light.scale, 31) << 18 | (opacity == nil ? 0 : 1 << 23)
        let second = (isLandscape ? rows : columns) | Self.step(yellow.scale, 63) << 3 | Self.step(red.scale, 63) << 9
            | (isLandscape ? 1 << 15 : 0)
        var bytes = [first, first >> 8, first >> 16, second, second >> 8]
        if let opacity { bytes.append(Self.step(opacity.mean, 15) | Self.step(opacity.scale, 15) << 4) }
        let steps = (light.rest + yellow.rest + red.rest + (opacity?.rest ?? [])).map { Self.step($0, 15) }
        for index in stride(from: 0, to: steps.count, by: 2) {
            bytes.append(steps[index] | (index + 1 < steps.count ? steps[index + 1] << 4 : 0))
        }
        self.bytes = bytes.map { UInt8(truncatingIfNeeded: $0) }
    }

    /// A share as a whole number of steps.
    private static func step(_ share: Double, _ steps: Int) -> Int {
        min(steps, max(0, Int((share * Double(steps)).rounded())))
    }

    /// The discrete cosine transform of a channel, those frequencies alone that lie in the triangle below `columns` and `rows`.
    private static func spectrum(_ channel: [Double], _ pixels: RGBAPixels, _ columns: Int, _ rows: Int) -> Spectrum {
        let (width, height) = (pixels.width, pixels.height)
        // What a column's wave makes of each line serves for all rows.
        let lines = (0..<columns).map { column in
            let across = wave(column, width)
            return (0..<height).map { y in
                var line = 0.0
                for x in 0..<width { line += channel[y * width + x] * across[x] }
                return line
            }
        }
        var spectrum = Spectrum()
        for row in 0..<rows {
            let down = wave(row, height)
            for column in 0..<columns where column * rows < columns * (rows - row) {
                var sum = 0.0
                for y in 0..<height { sum += lines[column][y] * down[y] }
                sum /= Double(width * height)
                if row == 0 && column == 0 { spectrum.mean = sum } else { spectrum.rest.append(sum) }
            }
        }
        spectrum.scale = spectrum.rest.map { abs($0) }.max() ?? 0
        if spectrum.scale > 0 { spectrum.rest = spectrum.rest.map { 0.5 + 0.5 / spectrum.scale * $0 } }
        return spectrum
    }

    private static func wave(_ frequency: Int, _ length: Int) -> [Double] {
        (0..<length).map { cos(.pi / Double(length) * Double(frequency) * (Double($0) + 0.5)) }
    }
}

/// Brightness, yellow against blue, red against green, and opacity, each from 0 (or -1) to 1; what is transparent has
/// the picture's mean colour.
private struct Channels {
    var light: [Double] = []
    var yellow: [Double] = []
    var red: [Double] = []
    var opacity: [Double] = []
    var hasOpacity: Bool

    init(_ pixels: RGBAPixels) {
        let count = pixels.bytes.count / 4
        let colours = (0..<count).map { index in
            let start = index * 4
            return SIMD3(Double(pixels.bytes[start]), Double(pixels.bytes[start + 1]), Double(pixels.bytes[start + 2])) / 255
        }
        opacity = (0..<count).map { Double(pixels.bytes[$0 * 4 + 3]) / 255 }
        hasOpacity = opacity.contains { $0 < 1 }
        var (mean, weight) = (SIMD3<Double>.zero, 0.0)
        for index in 0..<count {
            mean += colours[index] * opacity[index]
            weight += opacity[index]
        }
        if weight > 0 { mean /= weight }
        for index in 0..<count {
            let seen = mean * (1 - opacity[index]) + colours[index] * opacity[index]
            light.append((seen[0] + seen[1] + seen[2]) / 3)
            yellow.append((seen[0] + seen[1]) / 2 - seen[2])
            red.append(seen[0] - seen[1])
        }
    }
}
