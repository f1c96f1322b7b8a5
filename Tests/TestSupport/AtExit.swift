import Foundation
import Glibc
import Synchronization

/// What must not outlive the test run: child processes and temporary folders.
public enum AtExit {
    private struct Debts { var processes: Set<pid_t> = []; var folders: Set<String> = []; var calls: [@Sendable () -> Void] = [] }

    private static let debts = Mutex(Debts())
    private static let isArmed: Bool = {
        atexit {
            let left = AtExit.debts.withLock { $0 }
            for call in left.calls { call() }
            for process in left.processes { kill(process, SIGKILL) }
            for folder in left.folders { try? FileManager.default.removeItem(atPath: folder) }
        }
        return true
    }()

    /// Runs something before all else, when this process ends by itself.
    public static func run(_ call: @escaping @Sendable () -> Void) {
        _ = isArmed
        debts.withLock { $0.calls.append(call) }
    }

    /// From now on the process is killed with this one.
    public static func owe(process: pid_t) {
        _ = isArmed
        debts.withLock { _ = $0.processes.insert(process) }
    }

    /// The process has ended.
    public static func settle(process: pid_t) { debts.withLock { _ = $0.processes.remove(process) } }

    /// From now on the folder is removed with this process.
    public static func owe(folder: String) {
        _ = isArmed
        debts.withLock { _ = $0.folders.insert(folder) }
    }

    /// The folder is gone.
    public static func settle(folder: String) { debts.withLock { _ = $0.folders.remove(folder) } }
}
