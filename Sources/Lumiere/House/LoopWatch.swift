import CoreMetrics
import Metrics
import NIOCore
import NIOPosix

/// Watches that no event loop is held up: ticks on each and records how late the tick was.
struct LoopWatch: Sendable {
    static let interval = TimeAmount.milliseconds(20)

    let eventLoops: MultiThreadedEventLoopGroup

    /// Ticks until cancelled.
    func run() async {
        let timer = Timer(label: "lumiere_event_loop_lag_seconds")
        let ticks = eventLoops.makeIterator().map { loop in tick(on: loop, timer) }
        await Background.untilCancelled()
        for tick in ticks { tick.cancel() }
    }

    private func tick(on loop: any EventLoop, _ timer: Timer) -> RepeatedTask {
        let due = NIOLoopBoundBox.makeBoxSendingValue(NIODeadline.now() + Self.interval, eventLoop: loop)
        return loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            let now = loop.now
            timer.recordNanoseconds(max(0, (now - due.value).nanoseconds))
            due.value = now + Self.interval
        }
    }
}
