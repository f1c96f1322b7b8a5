/// One of the forty sizes of a QR code, at one level of error correction: how many codewords it has, and where.
struct QRVersion: Sendable, Equatable {
    static let all = 1...40

    let number: Int
    let correction: QRCorrection

    /// Modules of a side.
    var size: Int { 17 + 4 * number }

    /// The smallest version that holds so many bytes; `nil` when none does.
    static func smallest(holding bytes: Int, _ correction: QRCorrection) -> QRVersion? {
        all.lazy.map { QRVersion(number: $0, correction: correction) }.first { $0.capacity >= bytes }
    }

    /// Bytes of text in byte mode: all data but the mode (4 bits) and the count.
    var capacity: Int { (dataCodewords * 8 - 4 - countBits) / 8 }

    /// Bits of the character count in byte mode (table 3).
    var countBits: Int { number < 10 ? 8 : 16 }

    /// Codewords before error correction.
    var dataCodewords: Int { codewords - blocks * correctionPerBlock }

    var blocks: Int { correction.blocks[number - 1] }
    var correctionPerBlock: Int { correction.codewordsPerBlock[number - 1] }

    /// All codewords: the modules that no pattern and no information needs, in eights (table 1).
    var codewords: Int {
        let finders = 3 * 64
        let timing = 2 * (size - 16)
        let alignment = number == 1 ? 0 : 25 * (centres.count * centres.count - 3) - 10 * (centres.count - 2)
        let information = 31 + (number < 7 ? 0 : 36)
        return (size * size - finders - timing - alignment - information) / 8
    }

    /// Rows, and columns, of the centres of alignment patterns (annex E): at equal distances from the far end, what does
    /// not come out even lies between the first two.
    var centres: [Int] {
        guard number > 1 else { return [] }
        let count = number / 7 + 2
        let span = size - 13
        // Rounded up to an even number; version 32 alone is rounded down.
        let step = number == 32 ? 26 : (span + 2 * (count - 1) - 1) / (2 * (count - 1)) * 2
        return [6] + (0..<count - 1).map { size - 7 - step * $0 }.reversed()
    }

    /// How many data codewords each block has, in order: the longer ones come last.
    var blockLengths: [Int] {
        let long = dataCodewords % blocks
        return (0..<blocks).map { dataCodewords / blocks + ($0 < blocks - long ? 0 : 1) }
    }
}
