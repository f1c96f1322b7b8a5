import Synchronization

/// How many of a process's decoders have nothing to do. An express decoder leaves the work to them as long as there is
/// one: whoever makes a thumbnail can go on with the rest of the photo, but for an express decoder.
final class FreeDecoders: Sendable {
    private let count = Mutex(0)
    private let whenNone: @Sendable () -> Void

    /// - Parameter whenNone: called when the last free one has found something to do.
    init(whenNone: @escaping @Sendable () -> Void) { self.whenNone = whenNone }

    var isEmpty: Bool { count.withLock { $0 == 0 } }

    func enter() { count.withLock { $0 += 1 } }

    func leave() {
        let isLast = count.withLock { count in
            count -= 1
            return count == 0
        }
        if isLast { whenNone() }
    }
}
