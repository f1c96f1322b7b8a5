import Core

/// When a photo that failed is tried again because its file was sent once more. A digest without any bytes is enough for
/// that: whoever may upload must not be able to keep the decoders busy with it.
struct RetryRule: Sendable, Equatable {
    /// Between two times of the same photo.
    var rest = Duration.seconds(600)

    /// - Parameter last: when the photo was tried again for this reason; `nil` for never.
    func permits(after last: Timestamp?, at now: Timestamp) -> Bool {
        guard let last else { return true }
        // Whichever way the clock has been set since: nothing waits for longer than it should.
        return now >= last + rest || now <= last - rest
    }
}
