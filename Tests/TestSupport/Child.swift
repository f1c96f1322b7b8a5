import Foundation
import Glibc

/// A child process. It is killed when the last reference to it goes.
public final class Child: Sendable {
    /// How it ended.
    public enum Ending: Sendable, Equatable {
        case exited(Int32)
        case killed(by: Int32)
    }

    /// It could not be started.
    public struct Failure: Error, CustomStringConvertible { public let description: String }

    public let pid: pid_t
    private let endings: Inbox<Ending>

    /// - Parameters:
    ///   - input: a file for standard input, or nothing.
    ///   - output: the file standard output is appended to.
    ///   - errors: the same for standard error.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, input: String = "/dev/null",
        output: String, errors: String
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        pid = try Self.spawn(program, arguments, environment ?? ProcessInfo.processInfo.environment, &actions)
        let endings = Inbox<Ending>(limit: 1)
        self.endings = endings
        AtExit.owe(process: pid)
        let pid = pid
        Thread { endings.push(Self.wait(for: pid)) }.start()
    }

    deinit { signal(SIGKILL) }

    /// How it ended; `nil` while it runs.
    public var ending: Ending? { endings.elements.first }

    /// Sends it a signal; does nothing once it has ended.
    public func signal(_ number: Int32) {
        // A process that was waited for has given its number back.
        if ending == nil { kill(pid, number) }
    }

    /// Waits for its end.
    public func ended(within limit: Duration) async throws -> Ending {
        try await endings.wait(for: "the end of process \(pid)", within: limit) { elements, _ in elements.first }
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var attributes = unblocked()
        defer { posix_spawnattr_destroy(&attributes) }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, program, &actions, &attributes, words, variables)
        guard result == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(result)))") }
        return pid
    }

    /// The threads of a test let no signal through: a program that inherits that cannot be asked to end, nor can what it starts.
    private static func unblocked() -> posix_spawnattr_t {
        var (attributes, none) = (posix_spawnattr_t(), sigset_t())
        sigemptyset(&none)
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        return attributes
    }

    /// Blocks the calling thread.
    private static func wait(for pid: pid_t) -> Ending {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        AtExit.settle(process: pid)
        let signal = status & 0x7f
        return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(by: signal)
    }
}
