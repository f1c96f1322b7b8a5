import Core
import NIOConcurrencyHelpers

/// Files whose size says nothing any more: after a failed sync the kernel may have dropped the bytes it could not write
/// and still report the file as whole, and the next sync succeeds.
///
/// It stands in for the row's mark, which may not have been written: a broken disk often carries the database too.
final class DistrustedFiles: Sendable {
    /// Ids that are kept; beyond them every file is distrusted until the process ends.
    private let capacity: Int
    private let state = NIOLockedValueBox<(ids: Set<UploadID>, isOverfull: Bool)>(([], false))

    init(capacity: Int = 10_000) { self.capacity = capacity }

    func contains(_ id: UploadID) -> Bool { state.withLockedValue { $0.isOverfull || $0.ids.contains(id) } }

    func insert(_ id: UploadID) {
        state.withLockedValue { state in
            if state.ids.count < capacity { state.ids.insert(id) } else { state.isOverfull = true }
        }
    }

    /// The file has been cut back to bytes that are certain.
    func remove(_ id: UploadID) { state.withLockedValue { _ = $0.ids.remove(id) } }
}
