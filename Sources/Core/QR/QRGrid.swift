/// The modules of a QR code while it is drawn: which are dark, and which belong to patterns and must stay.
struct QRGrid: Sendable, Equatable {
    let size: Int
    /// Row by row.
    private(set) var dark: [Bool]
    private var fixed: [Bool]

    /// Finder, timing and alignment patterns and the version (ISO/IEC 18004:2015 section 6.3); the place of the format is kept.
    init(_ version: QRVersion) {
        size = version.size
        dark = [Bool](repeating: false, count: size * size)
        fixed = dark
        for index in 0..<size {
            fix(index, 6, index.isMultiple(of: 2))
            fix(6, index, index.isMultiple(of: 2))
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(x, y) }
        drawAlignment(version.centres)
        drawFormat(0)
        if version.number >= 7 { drawVersion(version.number) }
    }

    subscript(x: Int, y: Int) -> Bool { dark[y * size + x] }

    private mutating func fix(_ x: Int, _ y: Int, _ isDark: Bool) {
        dark[y * size + x] = isDark
        fixed[y * size + x] = true
    }

    // MARK: Patterns

    /// With the light separator around it, as far as that lies inside.
    private mutating func drawFinder(_ x: Int, _ y: Int) {
        for dy in -4...4 {
            for dx in -4...4 where (0..<size).contains(x + dx) && (0..<size).contains(y + dy) {
                let ring = max(abs(dx), abs(dy))
                fix(x + dx, y + dy, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment(_ centres: [Int]) {
        for y in centres {
            for x in centres where !isFinder(x, y) {
                for dy in -2...2 {
                    for dx in -2...2 { fix(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) }
                }
            }
        }
    }

    private func isFinder(_ x: Int, _ y: Int) -> Bool {
        (x == 6 && y == 6) || (x == 6 && y == size - 7) || (x == size - 7 && y == 6)
    }

    // MARK: Information

    /// Format information twice, and the dark module (section 7.9).
    /// - Parameter bits: all fifteen.
    mutating func drawFormat(_ bits: Int) {
        for index in 0..<15 {
            let isDark = bits >> index & 1 == 1
            // Around the upper left finder, past the timing patterns.
            if index < 8 { fix(8, index < 6 ? index : index + 1, isDark) } else { fix(index == 8 ? 7 : 14 - index, 8, isDark) }
            // Beside the other two.
            if index < 8 { fix(size - 1 - index, 8, isDark) } else { fix(8, size - 15 + index, isDark) }
        }
        fix(8, size - 8, true)
    }

    /// Version information twice (section 7.10): six bits and twelve that correct them.
    private mutating func drawVersion(_ number: Int) {
        let bits = BCH.extended(number, by: 12, 0x1F25)
        for index in 0..<18 {
            let (near, far) = (index / 3, size - 11 + index % 3)
            fix(near, far, bits >> index & 1 == 1)
            fix(far, near, bits >> index & 1 == 1)
        }
    }

    // MARK: Data

    /// Lays codewords up and down in columns of two, from the lower right (section 7.7.3). What is left over stays light.
    mutating func draw(_ codewords: [UInt8]) {
        var bit = 0
        for (turn, right) in columns.enumerated() {
            for step in 0..<size {
                let y = turn.isMultiple(of: 2) ? size - 1 - step : step
                for x in [right, right - 1] where !fixed[y * size + x] && bit < codewords.count * 8 {
                    dark[y * size + x] = codewords[bit >> 3] >> UInt8(7 - bit & 7) & 1 == 1
                    bit += 1
                }
            }
        }
    }

    /// The right one of each pair; the timing pattern's column is passed over.
    private var columns: [Int] { Array(stride(from: size - 1, to: 6, by: -2)) + stride(from: 5, to: 0, by: -2) }

    /// Turns over the data modules that a mask names.
    mutating func apply(_ mask: QRMask) {
        for y in 0..<size {
            for x in 0..<size where !fixed[y * size + x] && mask.turns(x, y) { dark[y * size + x].toggle() }
        }
    }
}

/// Bose-Chaudhuri-Hocquenghem codes of the format and version information (annexes C and D).
enum BCH {
    /// A value with `count` check bits behind it.
    static func extended(_ value: Int, by count: Int, _ generator: Int) -> Int {
        var remainder = value
        for _ in 0..<count { remainder = remainder << 1 ^ (remainder >> (count - 1) & 1) * generator }
        return value << count | remainder
    }
}
