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
        ("bytes=0x1-2", 100, .full), ("", 100, .full), ("bytes =0-1", 100, .full), ("bytes=0 -1", 100, .full),
        ("bytes=--1", 100, .full), ("bytes=0-1;2-3", 100, .full), ("bytes=0-1,,\t,", 100, .partial(0..<2)),
        ("bytes=,", 100, .full), ("bytes=\u{661}-2", 100, .full),
        // Fields on several lines come joined, and are no list then.
        ("bytes=0-1, bytes=5-6", 100, .full), ("bytes=0-1, 5-6", 100, .partial(0..<7)),
        // Several: in the order asked for, joined where they overlap or nearly touch.
        ("bytes=0-1,5-6", 100, .partial(0..<7)), ("bytes=50-59,0-9", 100, .partial(0..<60)),
        ("bytes=0-1,500-501", 1000, .several([0..<2, 500..<502])), ("bytes=500-501 ,\t0-1", 1000, .several([500..<502, 0..<2])),
        ("bytes=0-0,-1", 1000, .several([0..<1, 999..<1000])), ("bytes=900-,0-9", 1000, .several([900..<1000, 0..<10])),
        ("bytes=0-9,138-139", 1000, .partial(0..<140)), ("bytes=0-9,139-140", 1000, .several([0..<10, 139..<141])),
        ("bytes=800-809,0-9,5-20", 1000, .several([800..<810, 0..<21])), ("bytes=0-9,800-809,5-20", 1000, .several([0..<21, 800..<810])),
        ("bytes=0-,0-,0-", 1000, .partial(0..<1000)), ("bytes=0-499,500-", 1000, .partial(0..<1000)),
        // What no byte satisfies is left out; what is malformed spoils the list.
        ("bytes=0-1,1000-", 1000, .partial(0..<2)), ("bytes=2000-,-0,1000-1001", 1000, .unsatisfiable),
        ("bytes=0-1,5-4", 1000, .full), ("bytes=0-1,x", 1000, .full),
        // As many as somebody may need, and one more.
        ("bytes=" + Array(repeating: "0-0", count: 32).joined(separator: ","), 100, .partial(0..<1)),
        ("bytes=" + Array(repeating: "0-0", count: 33).joined(separator: ","), 100, .full),
        ("bytes=" + String(repeating: "0-0,", count: 10_000), 100, .full),
        ("bytes=" + String(repeating: ",", count: 1017) + "0-", 100, .full),
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
            Self.check(ByteRange.evaluate("bytes=" + tail, size: size), size)
        }
    }

    @Test("of lists select what was asked for, in that order, and hardly more", arguments: 0..<20)
    func lists(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        for _ in 0..<300 {
            let size = Int64.random(in: 1...5000, using: &random)
            let asked = (0..<Int.random(in: 1...32, using: &random)).map { _ in
                let first = Int64.random(in: 0..<size, using: &random)
                return first..<Int64.random(in: first...min(size, first + 300), using: &random) + 1
            }
            let header = "bytes=" + asked.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ", ")
            let answer = ByteRange.evaluate(header, size: size)
            Self.check(answer, size)
            let inside = asked.map { $0.clamped(to: 0..<size) }
            let parts = answer.parts
            // Everything that was asked for, each in one part.
            #expect(inside.allSatisfy { range in parts.contains { $0.contains(range.lowerBound) && $0.upperBound >= range.upperBound } })
            // Parts are in the order of the first of what they hold.
            let places = parts.map { part in inside.firstIndex { part.overlaps($0) } ?? -1 }
            #expect(places == places.sorted() && !places.contains(-1))
        }
    }

    /// What holds for every answer.
    private static func check(_ answer: ByteRange, _ size: Int64) {
        let parts = answer.parts
        #expect(parts.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= size && !$0.isEmpty })
        let sorted = parts.sorted { $0.lowerBound < $1.lowerBound }
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1.lowerBound - $0.upperBound > ByteRange.joinedGap })
        #expect(parts.count <= ByteRange.mostRanges)
        guard case .several(let ranges) = answer else { return }
        let body = MultipartRanges(ranges, size: size, contentType: "application/vnd.apple.mpegurl")
        #expect(ranges.count > 1 && body.length <= size + Int64(ranges.count + 1) * 160)
    }
}

extension ByteRange {
    /// What it selects.
    fileprivate var parts: [Range<Int64>] {
        switch self {
        case .partial(let range): [range]
        case .several(let ranges): ranges
        case .full, .unsatisfiable: []
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
