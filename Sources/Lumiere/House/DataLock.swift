import Foundation
import Glibc

/// Keeps a second server off the same data: an exclusive `flock` that the kernel lets go with the process.
final class DataLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `SettingsError` when another server holds the folder, or it cannot be written.
    init(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        descriptor = open(folder + "/lumiere.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SettingsError(faults: ["\(folder) cannot be written."]) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SettingsError(faults: ["Another server is running on \(folder)."])
        }
    }

    deinit { close(descriptor) }
}
