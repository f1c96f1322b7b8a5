import Foundation
import Glibc

/// A folder for files on their way, named after this process.
struct MoveScratch: Sendable {
    let path: String
    private static let prefix = "move-"

    /// Makes it, and removes those of processes that were killed.
    init(in folder: String) throws {
        path = "\(folder)/\(Self.prefix)\(getpid())"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where Self.isAbandoned(name) { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Whatever cannot be removed now is removed by the next move.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func isAbandoned(_ name: String) -> Bool {
        guard name.hasPrefix(prefix), let process = pid_t(name.dropFirst(prefix.count)) else { return false }
        return process == getpid() || kill(process, 0) != 0 && errno == ESRCH
    }
}
