import CVips
import Core
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Work that nobody waits for, on a thread that stands back while others want the processors. A thread that has stood back
/// cannot come forward again: each work has its own.
enum Backstage {
    /// As large as a main thread's: decoders use much of it.
    private static let stackSize = 8 << 20

    /// Waits until the work is done.
    /// - Parameter niceness: as `nice(1)` counts it.
    /// - Throws: what the work throws.
    static func run(_ niceness: Int32, _ work: @escaping @Sendable () throws -> Void) throws {
        let end = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        let thread = Thread {
            // Of this thread alone, and of those that libraries start from it.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
            do { try work() } catch { failure.withLock { $0 = error } }
            lumiere_vips_leave_thread()
            end.signal()
        }
        thread.name = "backstage"
        thread.stackSize = stackSize
        thread.start()
        end.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}

extension DecodePart {
    /// How far the part stands back; `nil` for what somebody waits for.
    var niceness: Int32? {
        switch self {
        case .avif: 10
        // Everything else comes first, and this takes long.
        case .film: 19
        case .all, .thumbnail, .rest: nil
        }
    }
}
