import NIOCore

/// How many messages a peer may send: a leaky bucket kept as one point in time (the generic cell rate algorithm).
///
/// Within the burst nothing happens. Over it, reading pauses until the debt is paid. What had already been read when the pause
/// began is still taken, up to a second burst; a peer beyond that is flooding.
struct MessageBudget {
    private let interval: Int64
    private let burst: Int64
    /// When all that was charged so far will have been paid.
    private var paidAt = NIODeadline.uptimeNanoseconds(0)

    init(perSecond: Int, burst: Int) {
        interval = 1_000_000_000 / Int64(max(1, perSecond))
        self.burst = interval * Int64(max(1, burst))
    }

    /// Charges one message. `false`: the peer is flooding.
    mutating func charge(at now: NIODeadline) -> Bool {
        paidAt = max(paidAt, now) + .nanoseconds(interval)
        return debt(at: now) <= 2 * burst
    }

    /// Charges what counts like some messages, or a part of one. It never makes a flood by itself: who sends it is slowed.
    mutating func charge(worth messages: Double, at now: NIODeadline) {
        paidAt = max(paidAt, now) + .nanoseconds(Int64(Double(interval) * messages))
    }

    /// How long to stop reading; `nil` while within the burst.
    func pause(at now: NIODeadline) -> TimeAmount? {
        let excess = debt(at: now) - burst
        return excess > 0 ? .nanoseconds(excess) : nil
    }

    private func debt(at now: NIODeadline) -> Int64 { (paidAt - now).nanoseconds }
}
