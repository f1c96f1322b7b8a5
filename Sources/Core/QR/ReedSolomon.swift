/// Reed-Solomon codes over GF(256) with the primitive polynomial x⁸+x⁴+x³+x²+1 (ISO/IEC 18004:2015 section 7.5.2).
struct ReedSolomon: Sendable {
    /// The coefficients of the generator polynomial, the highest first, without the leading 1.
    private let generator: [UInt8]

    /// - Parameter count: codewords to be added.
    init(count: Int) {
        var generator: [UInt8] = [1]
        for power in 0..<count {
            // Multiplied by (x - a^power); subtraction is addition.
            var next = generator + [0]
            for (index, coefficient) in generator.enumerated() {
                next[index + 1] ^= Self.product(coefficient, Self.powers[power])
            }
            generator = next
        }
        self.generator = Array(generator.dropFirst())
    }

    /// The remainder of the data's polynomial: what is put behind the data.
    func codewords(for data: some Sequence<UInt8>) -> [UInt8] {
        var remainder = [UInt8](repeating: 0, count: generator.count)
        for byte in data {
            let factor = byte ^ remainder.removeFirst()
            remainder.append(0)
            for index in generator.indices { remainder[index] ^= Self.product(generator[index], factor) }
        }
        return remainder
    }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        left == 0 || right == 0 ? 0 : powers[Int(logarithms[Int(left)]) + Int(logarithms[Int(right)])]
    }

    /// The powers of 2, twice over, so that the sum of two logarithms needs no remainder.
    private static let powers: [UInt8] = {
        var power = 1
        let once = (0..<255).map { _ -> UInt8 in
            defer { power = power << 1 ^ (power & 0x80 == 0 ? 0 : 0x11D) }
            return UInt8(power)
        }
        return once + once
    }()

    private static let logarithms: [UInt8] = {
        var logarithms = [UInt8](repeating: 0, count: 256)
        for (logarithm, power) in powers.prefix(255).enumerated() { logarithms[Int(power)] = UInt8(logarithm) }
        return logarithms
    }()
}
