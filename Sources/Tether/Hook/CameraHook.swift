import Core
import Foundation
import Glibc

/// A `gphoto2 --hook-script`: what gphoto2 says in the environment becomes a note for the tether.
public struct CameraHook: Sendable {
    /// What gphoto2 wants (its manual, `--hook-script`).
    public enum Request: Sendable, Equatable {
        /// `init`, `start`, `stop`, and whatever it may say some day.
        case nothing
        /// `download`: the file has been written. Absolute.
        case take(String)
    }

    private let state: StateFolder
    private let settings: TetherSettings

    /// - Parameter environment: the process's own.
    public init(_ settings: TetherSettings, environment: [String: String]) {
        self.settings = settings
        state = StateFolder(settings, environment: environment)
    }

    /// Reads `ACTION` and `ARGUMENT`.
    /// - Parameter folder: what a relative file name starts from.
    public static func request(_ environment: [String: String], in folder: String) -> Request {
        guard environment["ACTION"] == "download", let file = environment["ARGUMENT"], !file.isEmpty else { return .nothing }
        return .take(FileName.normal(file.hasPrefix("/") ? file : "\(folder)/\(file)"))
    }

    /// Hands a file over to the tether that runs for the folder.
    /// - Returns: whether one runs; otherwise one is to be begun.
    /// - Throws: when the note cannot be written.
    public func take(_ file: String) throws -> Bool {
        try state.make()
        try HookNote.write(file, in: state.inbox)
        return try state.lock() == nil
    }

    /// Begins a tether that lives on its own until everything is sent.
    /// - Parameters:
    ///   - program: this program's path.
    ///   - environment: the process's own; the key goes there, where no list of processes shows it.
    /// - Throws: `TetherFailure`.
    public func beginTether(_ program: String, environment: [String: String]) throws {
        var arguments = [
            program, "tether", "--drain", "--server", settings.server.description, "--session", settings.session.description,
        ]
        if let folder = settings.stateFolder { arguments += ["--state", folder] }
        let environment = environment.merging(["LUMIERE_KEY": settings.key.reveal]) { _, key in key }
        try DetachedProcess.start(program, arguments + [settings.folder], environment: environment, log: state.log)
    }
}

/// A process that outlives this one and shares nothing with it.
enum DetachedProcess {
    private static let maxLog: off_t = 1 << 20

    /// - Throws: `TetherFailure`.
    static func start(_ program: String, _ arguments: [String], environment: [String: String], log: String) throws {
        var status = stat()
        if stat(log, &status) == 0, status.st_size > maxLog { unlink(log) }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        closeAtStart()
        posix_spawnattr_setflags(&attributes, newSession)
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, program, &actions, &attributes, words, variables)
        guard result == 0 else { throw TetherFailure("\(program): \(String(cString: strerror(result))).") }
    }

    /// Whatever gphoto2 holds open and has passed on, the camera above all, must not stay open with the new process.
    private static func closeAtStart() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// `POSIX_SPAWN_SETSID`, which only GNU's own headers name.
    private static let newSession: Int16 = 0x80
}
