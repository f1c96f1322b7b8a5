import Core
import NIOConcurrencyHelpers

/// A transfer that another node may take over.
final class HeldTransfer: Sendable {
    let id: UploadID
    let generation: Int
    private let stop: @Sendable () -> Void
    private let lost = NIOLockedValueBox(false)

    /// - Parameter stop: makes it end at once.
    init(_ upload: Upload, stop: @escaping @Sendable () -> Void) {
        self.id = upload.id
        self.generation = upload.generation
        self.stop = stop
    }

    var isLost: Bool { lost.withLockedValue { $0 } }

    /// Somebody else has it.
    func lose() {
        lost.withLockedValue { $0 = true }
        stop()
    }
}
