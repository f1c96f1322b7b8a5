/// How things are at one moment, as progress is drawn from it.
public struct TetherPicture: Sendable, Equatable {
    /// A file on its way.
    struct Row: Sendable, Equatable {
        var name: String
        var phase: TransferGauge.Phase
        /// Bytes done in this phase.
        var bytes: Int64
        var size: Int64
    }

    var rows: [Row] = []
    /// Files that have come in this run and are sent.
    var sentFiles = 0
    var sentBytes: Int64 = 0
    /// What is to be sent still, the files on their way among it.
    var waitingFiles = 0
    var waitingBytes: Int64 = 0
    var held = 0
    var refused = 0
    /// Bytes a second; `nil` before anything can be said.
    var rate: Double?
    /// What keeps the tether from sending, for a person.
    var trouble: String?
    /// Until the next try.
    var pause: Duration?

    /// Bytes done of all that has come in this run.
    var doneBytes: Int64 {
        sentBytes + rows.reduce(0) { $0 + ($1.phase == .hashing ? 0 : min($1.bytes, $1.size)) }
    }

    var totalBytes: Int64 { max(sentBytes + waitingBytes, doneBytes) }
    var totalFiles: Int { sentFiles + waitingFiles }
    /// 0 to 1.
    var fraction: Double { totalBytes > 0 ? min(1, Double(doneBytes) / Double(totalBytes)) : 1 }
}

/// Bytes a second over the last moments.
struct RateMeter: Sendable, Equatable {
    private struct Sample: Equatable {
        var time: ContinuousClock.Instant
        var bytes: Int64
    }

    private static let window: Duration = .seconds(8)
    private var samples: [Sample] = []

    /// Takes what has been done so far; a smaller number than before begins anew.
    mutating func note(_ bytes: Int64, at time: ContinuousClock.Instant) {
        if let last = samples.last, bytes < last.bytes { samples = [] }
        samples.append(Sample(time: time, bytes: bytes))
        while samples.count > 2, time - samples[1].time >= Self.window { samples.removeFirst() }
        if samples.count > 200 { samples.removeFirst(100) }
    }

    /// `nil` before half a second has passed.
    var rate: Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let seconds = (last.time - first.time) / .seconds(1)
        return seconds >= 0.5 ? Double(last.bytes - first.bytes) / seconds : nil
    }
}
