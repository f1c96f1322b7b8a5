import Core
import Crypto
import Foundation
import Glibc

/// Where a tether keeps what must survive it. It lies with the user's own state, not in the watched folder: that may be a
/// memory card that is pulled out, and no program should write on a camera's card.
struct StateFolder: Sendable {
    let path: String

    var spool: String { path + "/spool.sqlite" }
    /// Where hooks put their notes.
    var inbox: String { path + "/inbox" }
    /// What a tether in the background says.
    var log: String { path + "/log" }
    private var lockFile: String { path + "/lock" }

    /// Of one server, session and folder.
    /// - Parameter environment: the process's own.
    init(_ settings: TetherSettings, environment: [String: String]) {
        let identity = "\(settings.server)\n\(settings.session)\n\(settings.folder)"
        let name = FileHash.hex(SHA256.hash(data: Data(identity.utf8)).prefix(8))
        path = "\(settings.stateFolder ?? Self.place(environment))/\(name)"
    }

    /// The XDG Base Directory Specification's place for state.
    private static func place(_ environment: [String: String]) -> String {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/lumiere/tether" }
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state/lumiere/tether"
    }

    /// Makes it, for its owner alone.
    func make() throws {
        for folder in [path, inbox] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    /// Whether a hook has left something.
    var hasNotes: Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: inbox)) ?? []
        return names.contains { FileName.ending($0) == HookNote.ending }
    }

    /// Takes the lock that one tether holds at a time.
    /// - Returns: `nil` when another one holds it.
    func lock() throws -> StateLock? { try StateLock(lockFile) }
}

/// Held by the one tether that works on a state folder; a killed process gives it back.
final class StateLock: Sendable {
    private let descriptor: Int32

    init?(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OpenedFile.Failure(code: errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}
