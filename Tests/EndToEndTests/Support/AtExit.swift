import Foundation
import Glibc
import Synchronization

/// What must not outlive the test run: child processes and temporary folders.
enum AtExit {
    private struct Debts { var processes: Set<pid_t> = []; var folders: Set<String> = [] }

    private static let debts = Mutex(Debts())
    private static let isArmed: Bool = {
        atexit {
            let left = AtExit.debts.withLock { $0 }
            for process in left.processes { kill(process, SIGKILL) }
            for folder in left.folders { try? FileManager.default.removeItem(atPath: folder) }
        }
        return true
    }()

    static func owe(process: pid_t) {
        _ = isArmed
        debts.withLock { _ = $0.processes.insert(process) }
    }

    static func settle(process: pid_t) { debts.withLock { _ = $0.processes.remove(process) } }

    static func owe(folder: String) {
        _ = isArmed
        debts.withLock { _ = $0.folders.insert(folder) }
    }

    static func settle(folder: String) { debts.withLock { _ = $0.folders.remove(folder) } }
}

/// A folder that is removed with its last owner.
final class TemporaryFolder: Sendable {
    let path: String

    init(_ purpose: String) throws {
        let name = "lumiere-\(purpose)-\(UUID().uuidString.prefix(8))"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        AtExit.owe(folder: path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        AtExit.settle(folder: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}
