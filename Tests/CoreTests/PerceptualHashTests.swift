import Core
import Testing

@Suite("Perceptual hash") struct PerceptualHashTests {
    @Test("brightness that rises to the right sets bits, whatever the size", arguments: [(9, 8), (90, 80), (97, 61), (1000, 9)])
    func rising(width: Int, height: Int) {
        let luma = (0..<height).flatMap { _ in (0..<width).map { UInt8($0 * 255 / width) } }
        #expect(PerceptualHash(luma: luma, width: width, height: height)?.bits == .max)
        #expect(PerceptualHash(luma: luma.reversed(), width: width, height: height)?.bits == 0)
    }

    @Test("a picture with fewer pixels than the grid has a hash, too", arguments: [(1, 1), (2, 3), (8, 100)])
    func small(width: Int, height: Int) {
        #expect(PerceptualHash(luma: [UInt8](repeating: 7, count: width * height), width: width, height: height)?.bits == 0)
    }

    @Test("pixels that are too few, too many or none give none", arguments: [(0, 0, 0), (0, 5, 5), (24, 5, 5), (26, 5, 5), (5, -5, -1)])
    func wrong(count: Int, width: Int, height: Int) {
        #expect(PerceptualHash(luma: [UInt8](repeating: 0, count: count), width: width, height: height) == nil)
    }

    @Test("the distance is the number of bits that differ", arguments: [
        (0, 0, 0), (0, .max, 64), (0b1011, 0b0010, 2),
    ] as [(UInt64, UInt64, Int)])
    func distance(first: UInt64, second: UInt64, expected: Int) {
        #expect(PerceptualHash(bits: first).distance(to: PerceptualHash(bits: second)) == expected)
        #expect(PerceptualHash(bits: second).distance(to: PerceptualHash(bits: first)) == expected)
        #expect(PerceptualHash(bits: first).isNear(PerceptualHash(bits: second)) == (expected <= 12))
    }

    @Test("it travels as sixteen hex digits; anything else is none", arguments: [
        "\"\"", "\"12\"", "12", "\"00000000000000zz\"", "\"+000000000000001\"",
    ])
    func coding(malformed: String) throws {
        for bits in [0, 1, .max, 0x0123_4567_89AB_CDEF] as [UInt64] {
            let text = try JSON.text(PerceptualHash(bits: bits))
            #expect(text.utf8.count == 18)
            #expect(try JSON.decode(PerceptualHash.self, from: text).bits == bits)
        }
        #expect(throws: DecodingError.self) { try JSON.decode(PerceptualHash.self, from: malformed) }
    }
}
