import Core
import NIOConcurrencyHelpers

/// Of which uploads this process has received every byte from the first on: no other node has held them in between, for
/// every holder counts the generation up by one.
final class Continuity: Sendable {
    /// Uploads that are kept; of more, some are forgotten, which costs reading them again.
    static let capacity = 4096
    private let generations = NIOLockedValueBox<[UploadID: Int]>([:])

    /// The upload has just been taken over by this process.
    /// - Returns: whether nobody else has had it.
    func advance(_ upload: Upload) -> Bool {
        generations.withLockedValue { generations in
            guard upload.offset == 0 || generations[upload.id] == upload.generation - 1 else {
                generations[upload.id] = nil
                return false
            }
            if generations.count >= Self.capacity, generations[upload.id] == nil, let any = generations.keys.first {
                generations[any] = nil
            }
            generations[upload.id] = upload.generation
            return true
        }
    }

    /// Whether nobody else has had it up to now.
    func isUnbroken(_ upload: Upload) -> Bool { generations.withLockedValue { $0[upload.id] == upload.generation } }

    func forget(_ id: UploadID) { generations.withLockedValue { _ = $0.removeValue(forKey: id) } }
}
