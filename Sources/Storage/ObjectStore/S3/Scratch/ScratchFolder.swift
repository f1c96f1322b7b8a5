import Core
import Foundation
import Glibc

/// Local copies of objects and parts on their way. Every process has a folder of its own inside the shared one, which it
/// holds a lock on; whoever starts removes those whose owner is gone.
final class ScratchFolder: Sendable {
    let path: String
    let budget: ScratchBudget
    let threads: FileThreads
    /// Held as long as the folder is used; the kernel lets go of it when the process ends, however it ends.
    private let lock: OpenFile

    /// Blocks; for the start.
    /// - Throws: `ObjectStoreError` or a file error when the folder cannot be made.
    init(_ shared: String, budget: ScratchBudget, threads: FileThreads) throws {
        try FileManager.default.createDirectory(
            atPath: shared, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // Between making a folder and locking it nobody else may look.
        let gate = try OpenFile(shared + "/.lock", O_RDWR | O_CREAT)
        _ = try gate.lock(isPatient: true)
        try Self.clean(shared)
        path = "\(shared)/\(getpid())-\(UUID().uuidString.lowercased())"
        try FileSystem.makeFolder(path)
        lock = try OpenFile(path + "/.lock", O_RDWR | O_CREAT)
        _ = try lock.lock(isPatient: true)
        self.budget = budget
        self.threads = threads
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A name for a new file in it.
    /// - Parameter reservation: the room it takes; shared by files that never are there at the same time.
    func file(in reservation: ScratchBudget.Reservation) -> ScratchFile {
        let name = UUID().uuidString.lowercased()
        return ScratchFile(path: "\(path)/\(name)", reservation: reservation, threads: threads, folder: self)
    }

    /// Removes what processes have left that are no more.
    private static func clean(_ shared: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: shared) where name != ".lock" {
            let folder = "\(shared)/\(name)"
            guard let lock = try? OpenFile(folder + "/.lock", O_RDWR | O_CREAT), try lock.lock(isPatient: false)
            else { continue }
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}

/// A file in the scratch folder, removed with its last owner.
final class ScratchFile: Sendable {
    let path: String
    private let reservation: ScratchBudget.Reservation
    private let threads: FileThreads
    private let folder: ScratchFolder

    fileprivate init(path: String, reservation: ScratchBudget.Reservation, threads: FileThreads, folder: ScratchFolder) {
        self.path = path
        self.reservation = reservation
        self.threads = threads
        self.folder = folder
    }

    deinit {
        // To remove a large file takes a disk its time; the room is free once it is gone.
        threads.submit { [path, reservation, folder] in
            unlink(path)
            withExtendedLifetime((reservation, folder)) {}
        }
    }
}
