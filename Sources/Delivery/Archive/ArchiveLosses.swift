import Core
import Glibc
import Logging
import Metrics
import NIOCore
import ObjectStore

/// Notes files of archives that cannot be found, so that the next archive says so instead of ending at them.
///
/// A store that has nothing at all has lost no files: it is not there.
struct ArchiveLosses: Sendable {
    /// A file is not what it should be.
    struct Changed: Error { var objectKey: ObjectKey }

    /// Objects of an archive that are looked for before one is noted.
    static let sample = 32

    let catalog: any ArchiveCatalog
    let objects: any StreamingObjectStore
    let logger: Logger
    private let missing = Counter(label: "lumiere_archive_files_missing")

    init(_ catalog: any ArchiveCatalog, _ objects: any StreamingObjectStore, logger: Logger) {
        (self.catalog, self.objects, self.logger) = (catalog, objects, logger)
    }

    /// Whether an error says that a file is not there, or is another than it was; not that the store is in trouble.
    static func isLoss(_ error: any Error) -> Bool {
        switch error {
        case is Changed: true
        case let error as IOError: error.errnoCode == ENOENT
        case ObjectStoreError.missing: true
        default: false
        }
    }

    /// Whether the store has any of an archive's objects. Of one alone nobody can say why it is not there: it is taken for lost.
    /// - Throws: `ObjectStoreError` when it is in trouble.
    func isStoreThere(_ sample: [ObjectKey]) async throws -> Bool {
        for object in sample where try await objects.size(of: object) != nil { return true }
        return sample.count <= 1
    }

    /// What has been removed since the archive was listed is no loss.
    /// - Returns: whether it is one.
    /// - Throws: `DatabaseError`.
    @discardableResult
    func note(_ file: ArchivedFile, of session: SessionID) async throws -> Bool {
        let lost = try await catalog.note(missing: [MissingObject(objectKey: file.objectKey, size: file.size)], of: session)
        if lost.isEmpty { return false }
        missing.increment()
        logger.error(
            "a file is missing in the storage, archives are made without it",
            metadata: ["object": "\(file.objectKey)", "session": "\(session)", "bytes": "\(file.size)"])
        return true
    }
}
