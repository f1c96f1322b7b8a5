import Core

/// `numeric`, the type of a sum of integers, on the wire: digits to the base 10,000 (`numeric_send` in `numeric.c`).
struct PostgresNumeric {
    private let digits: [UInt16]
    /// The first digit counts 10,000 to this power.
    private let weight: Int
    private let sign: UInt16

    init(_ bytes: UnsafeRawBufferPointer) {
        let count = Int(bytes.bigEndian(UInt16.self))
        weight = Int(bytes.bigEndian(Int16.self, at: 2))
        sign = bytes.bigEndian(UInt16.self, at: 4)
        digits = (0..<count).map { bytes.bigEndian(UInt16.self, at: 8 + 2 * $0) }
    }

    /// An integer if it is one of 64 bits, otherwise the nearest real number.
    var value: SQLValue {
        switch sign {
        case 0xC000: .real(.nan)
        case 0xD000: .real(.infinity)
        case 0xF000: .real(-.infinity)
        default: integer.map(SQLValue.integer) ?? .real(real)
        }
    }

    private var isNegative: Bool { sign == 0x4000 }

    private var integer: Int64? {
        // Zeroes at the end are not sent, so a digit behind the point means a fraction.
        guard digits.count <= weight + 1 else { return nil }
        var value: Int64 = 0
        for position in 0..<max(0, weight + 1) {
            let digit = Int64(position < digits.count ? digits[position] : 0)
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, isStillTooLarge) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !isTooLarge, !isStillTooLarge else { return nil }
            value = sum
        }
        return value
    }

    private var real: Double {
        let figures = digits.map { String(String($0 + 10_000).dropFirst()) }.joined()
        let exponent = (weight + 1 - digits.count) * 4
        return Double("\(isNegative ? "-" : "")\(figures.isEmpty ? "0" : figures)e\(exponent)") ?? .nan
    }
}
