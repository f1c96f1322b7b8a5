import Synchronization

/// Whether the decoder program has ever answered since this process began: as long as it has not, a child that dies
/// says more about the installation than about the file it was given.
final class DecoderTrust: Sendable {
    private let hasAnswered = Atomic(false)

    var isEarned: Bool { hasAnswered.load(ordering: .relaxed) }

    func earn() { hasAnswered.store(true, ordering: .relaxed) }
}
