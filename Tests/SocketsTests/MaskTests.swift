import NIOCore
import Testing

@testable import Sockets

@Suite("Masking")
struct MaskTests {
    @Test("a payload is unmasked the same however it is cut", arguments: [0, 1, 3, 4, 7, 8, 9, 31, 100])
    func cuts(count: Int) {
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let masked = ByteBuffer(bytes: plain.enumerated().map { $1 ^ key[$0 % 4] })
        for cut in 0...count {
            var (input, output, mask) = (masked, ByteBuffer(), FrameMask(0x37FA_213D))
            output.writeUnmasked(&input, count: cut, &mask)
            output.writeUnmasked(&input, count: count - cut, &mask)
            #expect(Array(buffer: output) == plain && input.readableBytes == 0)
        }
    }
}
