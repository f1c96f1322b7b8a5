import Core
import NIOConcurrencyHelpers

/// Tells session and desk how far uploads have come, not more often than anybody could look.
final class ProgressReporter: Sendable {
    /// Uploads whose last report is remembered; those of long ago are dropped first.
    static let maxRemembered = 4096

    private let events: any EventPublisher
    private let clock: any WallClock
    private let interval: Duration
    private let reported = NIOLockedValueBox<[UploadID: Report]>([:])

    private struct Report {
        var at: ContinuousClock.Instant
        var progress: UploadProgress
    }

    init(events: any EventPublisher, clock: any WallClock, interval: Duration) {
        self.events = events
        self.clock = clock
        self.interval = interval
    }

    /// Reports that so many bytes have arrived, if the last report was long enough ago.
    func report(_ upload: Upload, received: Int64, now: ContinuousClock.Instant = .now) {
        let progress = UploadProgress(upload, offset: received)
        if isDue(progress, now) { send(progress, upload) }
    }

    /// Reports that an upload is whole, unless the last report said so already.
    func conclude(_ upload: Upload) {
        let progress = UploadProgress(upload, offset: upload.offset)
        let last = reported.withLockedValue { $0.removeValue(forKey: upload.id) }
        if last?.progress != progress { send(progress, upload) }
    }

    private func isDue(_ progress: UploadProgress, _ now: ContinuousClock.Instant) -> Bool {
        reported.withLockedValue { reported in
            if let last = reported[progress.uploadId], last.at.duration(to: now) < interval { return false }
            if reported.count >= Self.maxRemembered { reported = reported.filter { $0.value.at.duration(to: now) < interval } }
            // More than that in one interval: those beyond are reported without being remembered.
            if reported.count < Self.maxRemembered { reported[progress.uploadId] = Report(at: now, progress: progress) }
            return true
        }
    }

    private func send(_ progress: UploadProgress, _ upload: Upload) {
        send(progress, on: .session(upload.sessionID))
        var progress = progress
        progress.filename = upload.declaration.filename
        send(progress, on: .desk(upload.sessionID))
    }

    private func send(_ progress: UploadProgress, on topic: Topic) {
        // Encoding plain numbers and text cannot fail; an event less would do no harm.
        guard let event = try? EphemeralEvent(
            topic: topic, type: IngestEvents.uploadProgress, key: progress.uploadId.description, data: progress, at: clock.now())
        else { return }
        events.send(event)
    }
}
