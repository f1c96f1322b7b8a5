/// One of the eight patterns laid over the data so that readers find no traps in it (ISO/IEC 18004:2015 section 7.8).
struct QRMask: Sendable, Equatable {
    static let all = (0..<8).map(QRMask.init)

    let number: Int

    /// Whether it turns over the module there (table 10).
    func turns(_ x: Int, _ y: Int) -> Bool {
        let product = x * y
        return switch number {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: product % 2 + product % 3 == 0
        case 6: (product % 2 + product % 3) % 2 == 0
        default: ((x + y) % 2 + product % 3) % 2 == 0
        }
    }

    /// The fifteen bits that tell readers the mask and the level (section 7.9).
    func format(_ correction: QRCorrection) -> Int {
        BCH.extended(correction.formatBits << 3 | number, by: 10, 0x537) ^ 0x5412
    }
}

extension QRGrid {
    /// How hard it is to read, by the standard's four rules (section 7.8.3): the mask with the least is taken.
    var penalty: Int {
        var penalty = 0
        for line in 0..<size {
            penalty += Self.penalty(ofLine: (0..<size).map { self[$0, line] })
            penalty += Self.penalty(ofLine: (0..<size).map { self[line, $0] })
        }
        return penalty + blockPenalty + balancePenalty
    }

    /// Five or more alike in a row; and what looks like a finder with four light modules beside it.
    private static func penalty(ofLine line: [Bool]) -> Int {
        var (penalty, run, window) = (0, 0, 0)
        for (index, isDark) in line.enumerated() {
            run = index > 0 && line[index - 1] == isDark ? run + 1 : 1
            if run >= 5 { penalty += run == 5 ? 3 : 1 }
            window = (window << 1 | (isDark ? 1 : 0)) & 0x7FF
            if index >= 10, window == 0b101_1101_0000 || window == 0b000_0101_1101 { penalty += 40 }
        }
        return penalty
    }

    /// Squares of four alike.
    private var blockPenalty: Int {
        var penalty = 0
        for y in 1..<size {
            for x in 1..<size where self[x, y] == self[x - 1, y] && self[x, y] == self[x, y - 1] && self[x, y] == self[x - 1, y - 1] {
                penalty += 3
            }
        }
        return penalty
    }

    /// Ten for every whole 5 percent away from as many dark as light ones.
    private var balancePenalty: Int {
        let count = dark.count { $0 }
        return abs(20 * count - 10 * dark.count) / dark.count * 10
    }
}
