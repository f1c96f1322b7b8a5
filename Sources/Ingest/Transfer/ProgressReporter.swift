import Core
import NIOConcurrencyHelpers

/// Tells session and desk how far uploads have come, not more often than anybody could look.
final class ProgressReporter: Sendable {
    /// Uploads whose last report is remembered; those of long ago are dropped first.
    static let maxRemembered = 4096

    private let events: any EventPublisher
    private let clock: any WallClock
    private let interval: Duration
    private let reported = NIOLockedValueBox<[UploadID: ContinuousClock.Instant]>([:])

    init(events: any EventPublisher, clock: any WallClock, interval: Duration) {
        self.events = events
        self.clock = clock
        self.interval = interval
    }

    /// Reports that so many bytes have arrived, if the last report was long enough ago or these are all.
    func report(_ upload: Upload, received: Int64, now: ContinuousClock.Instant = .now) {
        guard isDue(upload.id, isLast: received == upload.length, now) else { return }
        var progress = UploadProgress(
            sessionId: upload.sessionID, uploadId: upload.id, filename: nil, offset: received, length: upload.length)
        send(progress, on: .session(upload.sessionID))
        progress.filename = upload.declaration.filename
        send(progress, on: .desk(upload.sessionID))
    }

    private func isDue(_ id: UploadID, isLast: Bool, _ now: ContinuousClock.Instant) -> Bool {
        reported.withLockedValue { reported in
            if isLast {
                reported[id] = nil
                return true
            }
            if let last = reported[id], last.duration(to: now) < interval { return false }
            if reported.count >= Self.maxRemembered { reported = reported.filter { $0.value.duration(to: now) < interval } }
            // More than that in one interval: those beyond are reported without being remembered.
            if reported.count < Self.maxRemembered { reported[id] = now }
            return true
        }
    }

    private func send(_ progress: UploadProgress, on topic: Topic) {
        // Encoding plain numbers and text cannot fail; an event less would do no harm.
        guard let event = try? EphemeralEvent(
            topic: topic, type: IngestEvents.uploadProgress, key: progress.uploadId.description, data: progress, at: clock.now())
        else { return }
        events.send(event)
    }
}
