import NIOCore

/// Something to be done on an event loop, once and at its time, unless it is cancelled.
final class LoopTimer {
    private var task: Scheduled<Void>?
    private var isOver = false

    /// To be called on the event loop.
    init(at deadline: NIODeadline, on eventLoop: any EventLoop, _ body: @escaping () -> Void) {
        task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            // A cancelled task may still run.
            guard let self, !isOver else { return }
            isOver = true
            body()
        }
    }

    func cancel() {
        isOver = true
        task?.cancel()
        task = nil
    }

    deinit { task?.cancel() }
}
