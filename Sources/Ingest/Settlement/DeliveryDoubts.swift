import Core
import Glibc
import NIOConcurrencyHelpers

/// Counts how often the object store has said of an upload that its bytes are not those it had confirmed. It may have been
/// wrong once; in the end such an upload has failed, for asking again changes nothing.
final class DeliveryDoubts: Sendable {
    /// Attempts, a sweep apart.
    static let limit = 5
    /// Uploads that are counted; of more, some begin anew.
    static let capacity = 4096

    private let counts = NIOLockedValueBox<[UploadID: Int]>([:])

    /// - Returns: whether it is certain now.
    func add(_ id: UploadID) -> Bool {
        counts.withLockedValue { counts in
            if counts.count >= Self.capacity, counts[id] == nil, let any = counts.keys.first { counts[any] = nil }
            counts[id, default: 0] += 1
            return counts[id, default: 0] >= Self.limit
        }
    }

    func forget(_ id: UploadID) { counts.withLockedValue { _ = $0.removeValue(forKey: id) } }
}

extension ObjectStoreError {
    /// Whether the store was reached and speaks about the bytes: parts or an object with another ETag or content.
    var isAboutBytes: Bool {
        if case .system(let number, _) = self { [EPROTO, EBADMSG, ESTALE].contains(number) } else { false }
    }
}
