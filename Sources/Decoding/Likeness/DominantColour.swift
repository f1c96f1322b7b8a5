/// The colour that most of a picture has.
enum DominantColour {
    /// Steps a channel is divided into: close colours fall together, different ones apart.
    private static let bits = 3

    /// - Returns: as in CSS, `#aabbcc`; `nil` when nothing of the picture can be seen.
    static func of(_ pixels: RGBAPixels) -> String? {
        var sums: [Int: (count: Int, red: Int, green: Int, blue: Int)] = [:]
        for index in stride(from: 0, to: pixels.bytes.count, by: 4) where pixels.bytes[index + 3] > 127 {
            let colour = pixels.bytes[index..<(index + 3)].map(Int.init)
            let cell = colour.reduce(0) { $0 << bits | $1 >> (8 - bits) }
            let sum = sums[cell] ?? (0, 0, 0, 0)
            sums[cell] = (sum.count + 1, sum.red + colour[0], sum.green + colour[1], sum.blue + colour[2])
        }
        // Of equals, the lowest cell: one picture has one answer.
        guard let most = sums.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })?.value else { return nil }
        return "#" + [most.red, most.green, most.blue].map { hex($0 / most.count) }.joined()
    }

    private static func hex(_ value: Int) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
}
