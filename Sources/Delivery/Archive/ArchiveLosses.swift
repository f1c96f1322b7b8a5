import Core
import Glibc
import Logging
import Metrics
import NIOCore
import ObjectStore

/// Notes files of archives that cannot be found, so that the next archive says so instead of ending at them.
struct ArchiveLosses: Sendable {
    /// A file is not what it should be.
    struct Changed: Error { var objectKey: ObjectKey }

    let catalog: any ArchiveCatalog
    let logger: Logger
    private let missing = Counter(label: "lumiere_archive_files_missing")

    init(_ catalog: any ArchiveCatalog, logger: Logger) { (self.catalog, self.logger) = (catalog, logger) }

    /// Whether an error says that a file is not there, or is another than it was; not that the store is in trouble.
    static func isLoss(_ error: any Error) -> Bool {
        switch error {
        case is Changed: true
        case let error as IOError: error.errnoCode == ENOENT
        case ObjectStoreError.missing: true
        default: false
        }
    }

    /// What has been removed since the archive was listed is no loss.
    /// - Throws: `DatabaseError`.
    func note(_ file: ArchivedFile, of session: SessionID) async throws {
        let lost = try await catalog.note(missing: [MissingObject(objectKey: file.objectKey, size: file.size)], of: session)
        if lost.isEmpty { return }
        missing.increment()
        logger.error(
            "a file is missing in the storage, archives are made without it",
            metadata: ["object": "\(file.objectKey)", "session": "\(session)", "bytes": "\(file.size)"])
    }
}
