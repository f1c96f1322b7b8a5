import Core
import Foundation
import Glibc

/// The files that uploads are received into: `uploads/{last two hex digits of the id}/{id}` under the data folder.
struct UploadFiles: Sendable {
    /// Absolute, with `uploads` at its end.
    let folder: String
    let durability: IngestConfiguration.Durability
    /// Threads that read and write.
    let pool: BlockingPool
    /// Threads that wait for the disk: more of them, for the file system commits together what waits together.
    let syncs: BlockingPool
    /// Names the running boot of the operating system.
    let bootID: String
    /// Writes a file through to the disk; blocks.
    var flush: @Sendable (UploadFile) throws -> Void = { try $0.sync() }
    private let distrusted = DistrustedFiles()

    init(
        dataFolder: String, durability: IngestConfiguration.Durability, pool: BlockingPool, syncs: BlockingPool,
        bootID: String
    ) {
        self.folder = dataFolder + "/uploads"
        self.durability = durability
        self.pool = pool
        self.syncs = syncs
        self.bootID = bootID
    }

    /// Makes the folders. Blocks; for the start.
    func prepare() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 0..<256 {
            let name = (number < 16 ? "0" : "") + String(number, radix: 16)
            try makeFolder("\(folder)/\(name)")
        }
        try syncFolders()
    }

    private func makeFolder(_ path: String) throws {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw UploadFileError.last("mkdir") }
    }

    private func syncFolders() throws {
        if durability == .strict { try UploadFile(folder, flags: O_RDONLY | O_DIRECTORY).syncAll() }
    }

    func path(of id: UploadID) -> String { "\(subfolder(of: id))/\(id)" }

    /// Creates the empty file. Its name is safe once its first bytes are synced; until then it can be made again.
    func create(_ id: UploadID) async throws -> UploadFile {
        try await pool.run { try createNow(id) }
    }

    /// Opens the file of an upload and makes sure how many of its bytes are on the disk.
    ///
    /// After a mere crash of the process the file's size counts: the operating system kept every byte. After another
    /// boot only what had been synced counts, and the rest, which may be holes, is cut off.
    /// - Returns: with the file, whether bytes that may have been read are not in it any more.
    /// - Throws: `UploadFileError.missing` when bytes that were confirmed are not there.
    func reopen(_ upload: Upload) async throws -> (file: UploadFile, offset: Int64, isCut: Bool) {
        try await pool.run {
            if isMissing(upload) { return (try createNow(upload.id), 0, true) }
            let file = try openNow(upload)
            let (offset, isCut) = try settleNow(file, upload)
            return (file, offset, isCut)
        }
    }

    /// Whether every byte that the upload's file seems to have can be relied on.
    func trustsSize(of upload: Upload) -> Bool {
        !bootID.isEmpty && upload.bootID == bootID && !distrusted.contains(upload.id)
    }

    /// Writes through to the disk, unless durability is relaxed. When that fails the file's size is not trusted any more.
    func sync(_ file: UploadFile, of id: UploadID) async throws {
        guard durability == .strict else { return }
        guard file.isNameAtRisk else { return try await syncs.run { try syncNow(file, of: id) } }
        // Side by side: it is one commit for the file system.
        async let name: Void = syncs.run { try syncNameNow(file, of: id) }
        try await syncs.run { try syncNow(file, of: id) }
        try await name
    }

    /// The size of an upload's file; `nil` when there is none.
    func size(of id: UploadID) async throws -> Int64? {
        try await pool.run {
            do { return try UploadFile(path(of: id), flags: O_RDONLY).size } catch UploadFileError.missing { return nil }
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
            return Self.bytes(UInt64(facts.f_bavail), of: UInt64(facts.f_frsize))
        }
    }

    /// Blocks in bytes; some file systems report more of them than 64 bits of bytes can say.
    static func bytes(_ blocks: UInt64, of size: UInt64) -> Int64 {
        let (bytes, isTooMany) = blocks.multipliedReportingOverflow(by: size)
        return isTooMany ? .max : Int64(clamping: bytes)
    }

    private func subfolder(of id: UploadID) -> String { "\(folder)/\(id.description.suffix(2))" }

    private func createNow(_ id: UploadID) throws -> UploadFile {
        do {
            return try UploadFile(path(of: id), flags: O_RDWR | O_CREAT, hasNewName: true)
        } catch UploadFileError.missing {
            // Somebody has tidied up empty folders.
            try makeFolder(subfolder(of: id))
            try syncFolders()
            return try UploadFile(path(of: id), flags: O_RDWR | O_CREAT, hasNewName: true)
        }
    }

    private func syncNow(_ file: UploadFile, of id: UploadID) throws {
        try orDistrust(id) { try flush(file) }
    }

    private func syncNameNow(_ file: UploadFile, of id: UploadID) throws {
        try orDistrust(id) { try UploadFile(subfolder(of: id), flags: O_RDONLY | O_DIRECTORY).syncAll() }
        file.nameIsSafe()
    }

    private func orDistrust(_ id: UploadID, _ body: () throws -> Void) throws {
        do { try body() } catch {
            distrusted.insert(id)
            throw error
        }
    }

    func openNow(_ upload: Upload) throws -> UploadFile {
        if isMissing(upload) { return try createNow(upload.id) }
        // Whoever made it may not have come to sync its name.
        return try UploadFile(path(of: upload.id), flags: O_RDWR, hasNewName: upload.offset == 0)
    }

    /// The row came before the file, and the file never did.
    private func isMissing(_ upload: Upload) -> Bool { upload.offset == 0 && access(path(of: upload.id), F_OK) != 0 }

    func settleNow(_ file: UploadFile, _ upload: Upload) throws -> (offset: Int64, isCut: Bool) {
        let size = try file.size
        guard size >= upload.offset else { throw UploadFileError.missing }
        let kept = min(trustsSize(of: upload) ? size : upload.offset, upload.length ?? .max)
        // Also when an earlier attempt has cut the file but could not sync it.
        let isCut = kept < size || distrusted.contains(upload.id)
        if kept < size { try file.truncate(to: kept) }
        if durability == .strict, kept != upload.offset || isCut {
            try syncNow(file, of: upload.id)
            if file.isNameAtRisk { try syncNameNow(file, of: upload.id) }
        }
        distrusted.remove(upload.id)
        return (kept, isCut)
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
