import Testing

@testable import Sockets

@Suite("Incremental UTF-8 validation")
struct UTF8ValidatorTests {
    static func isValid(_ bytes: [UInt8], cutAt cut: Int) -> Bool {
        var validator = UTF8Validator()
        return validator.append(bytes[..<cut]) && validator.append(bytes[cut...]) && validator.isComplete
    }

    @Test(
        "agrees with the standard library on sequences at every edge of the encoding, wherever they are cut",
        arguments: [
            [0x00], [0x7F], [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x80], [0xC2], [0xC2, 0x7F], [0xC2, 0xC0],
            [0xDF, 0xBF], [0xE0, 0x9F, 0xBF], [0xE0, 0xA0, 0x80], [0xE0, 0xA0], [0xEC, 0x80, 0x80], [0xED, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xEF, 0xBF, 0x7F],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF0, 0x90, 0x80], [0xF3, 0xBF, 0xBF, 0xBF],
            [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFE], [0xFF], Array("eight bytes and more: κόσμε 🎞 end".utf8),
        ] as [[UInt8]])
    func edges(bytes: [UInt8]) {
        let expected = String(validating: bytes, as: UTF8.self) != nil
        for cut in 0...bytes.count { #expect(Self.isValid(bytes, cutAt: cut) == expected) }
    }

    @Test("agrees with the standard library on random bytes behind a run of ASCII")
    func random() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let ascii = [UInt8](repeating: 0x61, count: Int.random(in: 0...20, using: &generator))
            let bytes = ascii + (0..<3).map { _ in UInt8.random(in: 0x70...0xFF, using: &generator) }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            #expect(Self.isValid(bytes, cutAt: cut) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }
}

/// SplitMix64: the same numbers for the same seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
