import NIOConcurrencyHelpers
import Testing

@testable import Ingest

@Suite("The informer of 104s")
struct ResumptionInformerTests {
    @Test("tells of every few megabytes or half a second, only ever of more, and of nothing twice")
    func pace() async {
        let start = ContinuousClock.now
        let told = NIOLockedValueBox<[Int64]>([])
        let informer = ResumptionInformer(from: 100, now: start) { offset in told.withLockedValue { $0.append(offset) } }
        let stride = ResumptionInformer.stride
        let steps: [(offset: Int64, after: Duration)] = [
            (200, .milliseconds(1)), (100 + stride, .milliseconds(2)), (200 + stride, .milliseconds(3)),
            (300 + stride, .milliseconds(600)), (300 + stride, .seconds(5)), (250 + stride, .seconds(6)),
        ]
        for step in steps { await informer.confirmed(step.offset, now: start + step.after) }
        #expect(told.withLockedValue { $0 } == [100 + stride, 300 + stride])
    }
}
