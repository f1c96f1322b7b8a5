/// 64 bits that change little when a picture changes little: the differences of brightness between neighbours on a
/// coarse grid ("dHash"). Pictures of one burst are a few bits apart, different ones about half of them.
public struct PerceptualHash: Sendable, Hashable {
    /// Row by row from the top left, the highest bit first; set where brightness rises to the right.
    public var bits: UInt64

    /// Nine columns give eight differences.
    static let (columns, rows) = (9, 8)

    /// A hash with these bits.
    public init(bits: UInt64) { self.bits = bits }

    /// The hash of a picture.
    /// - Parameter luma: brightness of each pixel, row by row.
    /// - Returns: `nil` unless there are `width` x `height` of them, and at least one.
    public init?(luma: [UInt8], width: Int, height: Int) {
        guard width > 0, height > 0, luma.count / width == height, luma.count % width == 0 else { return nil }
        let cells = (0..<Self.rows).map { row in
            (0..<Self.columns).map { column in
                Self.mean(luma, width, Self.span(column, of: Self.columns, in: width), Self.span(row, of: Self.rows, in: height))
            }
        }
        bits = cells.reduce(0) { bits, row in
            zip(row, row.dropFirst()).reduce(bits) { $0 << 1 | ($1.0 < $1.1 ? 1 : 0) }
        }
    }

    /// Bits that differ (the Hamming distance): 0 to 64.
    public func distance(to other: PerceptualHash) -> Int { (bits ^ other.bits).nonzeroBitCount }

    /// Whether two pictures may be of one burst. A slightly moved or relit copy of the demo's photos is at most 10 bits
    /// away, and no two different ones are nearer than 19.
    public func isNear(_ other: PerceptualHash) -> Bool { distance(to: other) <= 12 }

    /// Pixels that make up one of the grid's cells; never none.
    private static func span(_ index: Int, of count: Int, in length: Int) -> Range<Int> {
        let start = min(index * length / count, length - 1)
        return start..<max(start + 1, (index + 1) * length / count)
    }

    private static func mean(_ luma: [UInt8], _ width: Int, _ columns: Range<Int>, _ rows: Range<Int>) -> Double {
        let sum = rows.reduce(0) { sum, row in columns.reduce(sum) { $0 + Int(luma[row * width + $1]) } }
        return Double(sum) / Double(columns.count * rows.count)
    }
}

extension PerceptualHash: Codable, CustomStringConvertible {
    /// Sixteen lower-case hex digits: JSON's numbers hold fewer bits in many readers.
    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard text.utf8.count == 16, text.allSatisfy(\.isHexDigit), let bits = UInt64(text, radix: 16) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "A perceptual hash has sixteen hex digits."))
        }
        self.bits = bits
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
