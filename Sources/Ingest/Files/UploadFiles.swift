import Core
import Foundation
import Glibc

/// The files that uploads are received into: `uploads/{last two hex digits of the id}/{id}` under the data folder.
struct UploadFiles: Sendable {
    /// Absolute, with `uploads` at its end.
    let folder: String
    let durability: IngestConfiguration.Durability
    let pool: BlockingPool
    /// Names the running boot of the operating system.
    let bootID: String

    init(dataFolder: String, durability: IngestConfiguration.Durability, pool: BlockingPool, bootID: String) {
        self.folder = dataFolder + "/uploads"
        self.durability = durability
        self.pool = pool
        self.bootID = bootID
    }

    /// Makes the folder. Blocks; for the start.
    func prepare() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func path(of id: UploadID) -> String { "\(subfolder(of: id))/\(id)" }

    /// Creates the empty file; it survives a power cut when this returns.
    func create(_ id: UploadID) async throws -> UploadFile {
        try await pool.run { try createNow(id) }
    }

    /// Opens the file of an upload and makes sure how many of its bytes are on the disk.
    ///
    /// After a mere crash of the process the file's size counts: the operating system kept every byte. After another
    /// boot only what had been synced counts, and the rest, which may be holes, is cut off.
    /// - Throws: `UploadFileError.missing` when bytes that were confirmed are not there.
    func reopen(_ upload: Upload) async throws -> (file: UploadFile, offset: Int64) {
        try await pool.run {
            if upload.offset == 0, access(path(of: upload.id), F_OK) != 0 { return (try createNow(upload.id), 0) }
            let file = try UploadFile(path(of: upload.id), flags: O_RDWR)
            return (file, try settle(file, upload))
        }
    }

    /// Writes through to the disk, unless durability is relaxed.
    func sync(_ file: UploadFile) async throws {
        if durability == .strict { try await pool.run { try file.sync() } }
    }

    /// The size of an upload's file; `nil` when there is none.
    func size(of id: UploadID) async throws -> Int64? {
        try await pool.run {
            var facts = stat()
            guard stat(path(of: id), &facts) == 0 else {
                if errno == ENOENT { return nil }
                throw UploadFileError.last("stat")
            }
            return Int64(facts.st_size)
        }
    }

    /// Removes an upload's file; nothing happens when there is none.
    func remove(_ id: UploadID) async throws {
        try await pool.run {
            guard unlink(path(of: id)) == 0 || errno == ENOENT else { throw UploadFileError.last("unlink") }
        }
    }

    /// Bytes of the disk that may still be used.
    func freeSpace() async throws -> Int64 {
        try await pool.run {
            var facts = statvfs()
            guard statvfs(folder, &facts) == 0 else { throw UploadFileError.last("statvfs") }
            return Int64(clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue)
        }
    }

    private func subfolder(of id: UploadID) -> String { "\(folder)/\(id.description.suffix(2))" }

    private func createNow(_ id: UploadID) throws -> UploadFile {
        let isNewFolder = mkdir(subfolder(of: id), 0o700) == 0
        if !isNewFolder, errno != EEXIST { throw UploadFileError.last("mkdir") }
        let file = try UploadFile(path(of: id), flags: O_RDWR | O_CREAT)
        if durability == .strict {
            try UploadFile(subfolder(of: id), flags: O_RDONLY | O_DIRECTORY).syncAll()
            if isNewFolder { try UploadFile(folder, flags: O_RDONLY | O_DIRECTORY).syncAll() }
        }
        return file
    }

    private func settle(_ file: UploadFile, _ upload: Upload) throws -> Int64 {
        let size = try file.size
        guard size >= upload.offset else { throw UploadFileError.missing }
        let kept = min(upload.bootID == bootID ? size : upload.offset, upload.length ?? .max)
        if kept < size { try file.truncate(to: kept) }
        if durability == .strict, kept != upload.offset || kept < size { try file.sync() }
        return kept
    }
}

/// Tells one boot of the operating system from another.
public enum BootID {
    /// The kernel's random name for the running boot; empty when it has none, which counts as always another boot.
    public static func current() -> String {
        guard let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8) else { return "" }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
