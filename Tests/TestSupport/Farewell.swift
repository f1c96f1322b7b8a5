import Glibc
import Synchronization

/// Servers that tidy up what the system would keep (shared memory) when they are told to stop: told so before the process
/// exits, and before `AtExit` kills what is left.
enum Farewell {
    private static let servers = Mutex<Set<pid_t>>([])
    private static let isArmed: Bool = {
        atexit {
            let servers = Farewell.servers.withLock { $0 }
            for server in servers { kill(server, SIGQUIT) }
            // They take milliseconds; one that is stuck is killed afterwards.
            for _ in 0..<100 where servers.contains(where: { kill($0, 0) == 0 }) { usleep(20_000) }
        }
        return true
    }()

    static func owe(_ process: pid_t) {
        _ = isArmed
        servers.withLock { _ = $0.insert(process) }
    }
}

/// A value that several threads change.
final class Slot<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        content.withLock { value in body(&value) }
    }
}
