/// The server's clock as a client measures it: four timestamps a probe, and of the last eight the quickest counts.
struct FollowedClock {
    private struct Sample { var offset: Double, delay: Double }

    private static let kept = 8
    private var samples: [Sample] = []

    /// Takes one probe; all in milliseconds: sent and answered here, come and gone there.
    mutating func measured(t0: Double, t1: Double, t2: Double, t3: Double) {
        let delay = (t3 - t0) - (t2 - t1)
        guard delay >= 0 else { return }
        samples = (samples + [Sample(offset: ((t1 - t0) + (t2 - t3)) / 2, delay: delay)]).suffix(Self.kept)
    }

    /// What is to be added to the clock here; `nil` while nobody knows.
    var offset: Double? { samples.min { $0.delay < $1.delay }?.offset }

    /// Milliseconds there and back, as it usually is; `nil` while nobody knows.
    var roundTrip: Double? { samples.isEmpty ? nil : samples.map(\.delay).sorted()[samples.count / 2] }

    /// Milliseconds until the next probe.
    var nextProbe: Double { samples.count < Self.kept ? 100 : 5000 }
}
