import Checksums
import TestSupport
import Testing

@Suite("CRC-32")
struct CRC32Tests {
    private static func checksum(_ bytes: some Sequence<UInt8>, after sum: UInt32 = 0) -> UInt32 {
        Array(bytes).withUnsafeBytes { CRC32.update(sum, $0) }
    }

    @Test("is that of ISO 3309, in one go or many")
    func known() {
        #expect(Self.checksum("123456789".utf8) == 0xCBF4_3926)
        #expect(Self.checksum([]) == 0 && Self.checksum([], after: 7) == 7)
        #expect(Self.checksum("6789".utf8, after: Self.checksum("12345".utf8)) == 0xCBF4_3926)
    }

    @Test("of a file with other bytes follows from the bytes that differ", arguments: 0..<50)
    func replacing(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let bytes = (0..<Int.random(in: 1...5000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var (changed, sum) = (bytes, Self.checksum(bytes))
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let range = start..<Int.random(in: start...bytes.count, using: &random)
            let old = Self.checksum(changed[range])
            for index in range { changed[index] = UInt8.random(in: 0...255, using: &random) }
            sum = CRC32.replacing(old, by: Self.checksum(changed[range]), before: UInt64(bytes.count - range.upperBound), in: sum)
        }
        #expect(sum == Self.checksum(changed))
    }

    @Test("of bytes before gigabytes of others needs none of these")
    func far() {
        // All zeros: what a single one changes, a second change at the same place takes back.
        let (zero, one) = (Self.checksum([0]), Self.checksum([1]))
        let there = CRC32.replacing(zero, by: one, before: 5_000_000_000, in: 0x1234_5678)
        #expect(there != 0x1234_5678)
        #expect(CRC32.replacing(one, by: zero, before: 5_000_000_000, in: there) == 0x1234_5678)
    }
}
