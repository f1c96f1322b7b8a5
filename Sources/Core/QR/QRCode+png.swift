extension QRCode {
    /// Pixels that a module may have on a side.
    public static let scales = 1...32

    /// A PNG file of one bit per pixel, black on white, with the quiet zone.
    /// - Parameter scale: pixels of a module's side, held within `scales`.
    public func png(scale: Int = 8) -> [UInt8] {
        let scale = min(max(scale, Self.scales.lowerBound), Self.scales.upperBound)
        let side = (size + 2 * Self.quietZone) * scale
        let rows = (0..<side).map { y in row(y / scale - Self.quietZone, side, scale) }
        return PNGWriter.file(width: side, rows: rows)
    }

    /// The pixels of a row, eight to a byte, 1 for white.
    private func row(_ y: Int, _ side: Int, _ scale: Int) -> [UInt8] {
        var row = [UInt8](repeating: 0, count: (side + 7) / 8)
        for x in 0..<side where !self[x / scale - Self.quietZone, y] { row[x >> 3] |= 0x80 >> UInt8(x & 7) }
        return row
    }
}
