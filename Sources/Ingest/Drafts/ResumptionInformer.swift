import Core
import HTTPTypes
import NIOConcurrencyHelpers

/// Tells a client with 104s how far its bytes are safe: at once, but not more often than is of use.
final class ResumptionInformer: Sendable {
    /// Bytes, or time, between two of them.
    static let stride = UploadWriter.toldBytes
    static let interval = UploadWriter.toldInterval

    private struct Told {
        var offset: Int64
        var at: ContinuousClock.Instant
    }

    private let told: NIOLockedValueBox<Told>
    private let send: @Sendable (_ offset: Int64) async -> Void

    /// - Parameter offset: where the request begins.
    init(from offset: Int64, now: ContinuousClock.Instant = .now, send: @escaping @Sendable (Int64) async -> Void) {
        told = NIOLockedValueBox(Told(offset: offset, at: now))
        self.send = send
    }

    /// Bytes up to there are safe.
    func confirmed(_ offset: Int64, now: ContinuousClock.Instant = .now) async {
        let isDue = told.withLockedValue { told in
            guard offset > told.offset else { return false }
            guard offset - told.offset >= Self.stride || told.at.duration(to: now) >= Self.interval else { return false }
            told = Told(offset: offset, at: now)
            return true
        }
        if isDue { await send(offset) }
    }
}
