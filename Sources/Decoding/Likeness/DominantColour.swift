/// The colour that most of a picture has.
enum DominantColour {
    /// Steps a channel is divided into: close colours fall together, different ones apart.
    private static let bits = 3

    /// - Returns: as in CSS, `#aabbcc`; `nil` when nothing of the picture can be seen.
    static func of(_ pixels: RGBAPixels) -> String? {
        // Of each cell, the pixels and the sums of their channels.
        var sums = [SIMD4<Int>](repeating: .zero, count: 1 << (3 * bits))
        for start in stride(from: 0, to: pixels.bytes.count, by: 4) where pixels.bytes[start + 3] > 127 {
            let colour = SIMD4(1, Int(pixels.bytes[start]), Int(pixels.bytes[start + 1]), Int(pixels.bytes[start + 2]))
            let step = 8 - bits
            sums[(colour[1] >> step) << (2 * bits) | (colour[2] >> step) << bits | colour[3] >> step] &+= colour
        }
        // Of equals, the lowest cell: one picture has one answer.
        let most = sums.reduce(.zero) { $1[0] > $0[0] ? $1 : $0 }
        guard most[0] > 0 else { return nil }
        return "#" + (1...3).map { hex(most[$0] / most[0]) }.joined()
    }

    private static func hex(_ value: Int) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
}
