import Core
import Testing

@testable import Realtime

@Suite("The allowance of bytes")
struct ByteAllowanceTests {
    @Test func `a burst is taken at once, the rest at its rate, and who waits is never refused`() {
        var now = Timestamp(milliseconds: 0)
        var allowance = ByteAllowance(at: now)
        let piece = ByteAllowance.rate / 2
        for _ in 0..<8 { #expect(allowance.take(piece, at: now) == .taken) }
        #expect(allowance.take(piece, at: now) == .refused(.milliseconds(500)))
        for _ in 0..<1000 {
            now = now + .milliseconds(500)
            #expect(allowance.take(piece, at: now) == .taken)
        }
    }

    @Test func `who goes on although refused is a flood; who has rested begins anew`() {
        let start = Timestamp(milliseconds: 0)
        var allowance = ByteAllowance(at: start)
        #expect(allowance.take(ByteAllowance.burst, at: start) == .taken)
        #expect(allowance.take(ByteAllowance.patience, at: start) != .flood)
        #expect(allowance.take(1, at: start) != .taken)
        #expect(allowance.take(1, at: start) == .flood)
        #expect(allowance.take(1, at: start + .seconds(10)) == .taken)
        #expect(allowance.take(ByteAllowance.patience, at: start + .seconds(10)) != .flood)
    }
}
