/// How a lease is kept and lost.
public struct LeaseTiming: Sendable {
    /// Between two signs of life of the holder, and between two looks of everybody else.
    public var beat: Duration
    /// How long the others must have watched it without a sign of life before one of them takes it.
    public var expiry: Duration

    public init(beat: Duration = .milliseconds(500), expiry: Duration = .seconds(2)) {
        self.beat = beat
        self.expiry = expiry
    }
}
