import Delivery
import Testing

@Suite("Byte ranges")
struct ByteRangeTests {
    static let cases: [(String?, Int64, ByteRange)] = [
        (nil, 100, .full), ("bytes=0-9", 100, .partial(0..<10)), ("bytes=0-0", 100, .partial(0..<1)),
        ("bytes=0-1", 100, .partial(0..<2)), ("bytes=90-", 100, .partial(90..<100)),
        ("bytes=90-1000", 100, .partial(90..<100)), ("bytes=-10", 100, .partial(90..<100)),
        ("bytes=-1000", 100, .partial(0..<100)), ("bytes=-0", 100, .unsatisfiable), ("bytes=100-", 100, .unsatisfiable),
        ("bytes=100-200", 100, .unsatisfiable), ("bytes=0-", 0, .unsatisfiable), ("bytes=-5", 0, .unsatisfiable),
        ("bytes=99999999999999999999-", 100, .unsatisfiable), ("bytes=0-99999999999999999999", 100, .partial(0..<100)),
        ("BYTES=0-1", 100, .partial(0..<2)), ("bytes= 0-1 ", 100, .partial(0..<2)), ("bytes=,0-1,", 100, .partial(0..<2)),
        ("items=0-1", 100, .full), ("bytes=5-4", 100, .full), ("bytes=a-b", 100, .full), ("bytes=", 100, .full),
        ("bytes", 100, .full), ("bytes=-", 100, .full), ("bytes=1-2-3", 100, .full), ("bytes=+1-2", 100, .full),
        ("bytes=0-1,5-6", 100, .full), ("bytes=0x1-2", 100, .full),
        ("bytes=" + String(repeating: "0-0,", count: 1000), 100, .full),
    ]

    @Test("are read as RFC 9110 section 14 says", arguments: cases)
    func table(header: String?, size: Int64, expected: ByteRange) {
        #expect(ByteRange.evaluate(header, size: size) == expected)
    }

    @Test("never leave the file, whatever the header", arguments: 0..<20)
    func fuzz(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let alphabet = Array("bytes=0123456789-, ")
        for _ in 0..<500 {
            let tail = String((0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
            let size = Int64.random(in: 0...50, using: &random)
            guard case .partial(let range) = ByteRange.evaluate("bytes=" + tail, size: size) else { continue }
            #expect(range.lowerBound >= 0 && range.upperBound <= size && !range.isEmpty)
        }
    }
}

/// A seeded generator, so that a failing run can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
