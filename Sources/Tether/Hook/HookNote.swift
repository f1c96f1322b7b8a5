import Foundation
import Glibc

/// What a hook leaves for the tether: a file that names a file. It is written whole or not at all, and survives both.
enum HookNote {
    /// The ending of its name.
    static let ending = "hook"
    private static let maxLength = 8192

    /// Writes one.
    /// - Parameter file: the absolute path of a file.
    static func write(_ file: String, in inbox: String) throws {
        try Data(file.utf8).write(to: URL(fileURLWithPath: "\(inbox)/\(UUID().uuidString).\(ending)"), options: .atomic)
    }

    /// The file that a note names, if it is there.
    static func read(_ note: String, in inbox: FolderReach, about folder: FolderReach) -> ReadyFile? {
        guard let bytes = try? OpenedFile(note, in: inbox).bytes(maxLength, at: 0),
            let path = String(validating: bytes, as: UTF8.self), path.hasPrefix("/"), let facts = folder.facts(path),
            facts.size > 0
        else { return nil }
        return ReadyFile(path: path, facts: facts)
    }

    static func remove(_ note: String) { unlink(note) }
}
