import Core
import Foundation
import Glibc

/// The folder that the nodes of a fleet share. A file in it names the database it belongs to, so that a node whose
/// file system is not mounted does not take the empty mount point for it and every file for lost.
struct SharedFolder: Sendable {
    private static let name = "lumiere.shared"

    let path: String

    /// - Parameters:
    ///   - house: names the database.
    ///   - isNew: whether nothing can be in the folder yet.
    /// - Throws: `SettingsError` when it is not the folder of this database.
    func require(_ house: String, isNew: Bool) throws {
        let marker = "\(path)/\(Self.name)"
        if isNew, access(marker, F_OK) != 0 { try write(house, to: marker) }
        let found = (try? String(contentsOfFile: marker, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
        guard found == house else {
            throw SettingsError(faults: [
                "shared.folder: \(path) is not this database's folder; is its file system mounted? If it is the right one, "
                    + "write \(house) into \(marker)."
            ])
        }
    }

    private func write(_ house: String, to marker: String) throws {
        do { try Data(house.utf8).write(to: URL(fileURLWithPath: marker), options: .atomic) } catch {
            throw SettingsError(faults: ["shared.folder: \(path) must exist and be writable."])
        }
    }
}
