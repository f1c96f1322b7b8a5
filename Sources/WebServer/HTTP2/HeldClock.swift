import NIOCore

/// Measures whether a connection takes what its streams have waiting for it, once that is much. Each stream has a clock of its
/// own; but a hundred may wait for as long, and each be given a byte now and then.
struct HeldClock {
    /// The part of `heldBytes` that has to be taken in `heldPatience`.
    static let share = 64

    private let limits: ConnectionLimits
    /// Bytes that wait.
    private(set) var bytes = 0
    /// Since the clock was set: what the client has taken, and what was waiting for it and is not wanted any more.
    private var (taken, dropped) = (0, 0)
    /// Whether the client's time was over without its having taken much, and it held little then, since it had let go of the rest.
    private var isForgiven = false
    /// When `isOver` has something to say; `nil` while little waits.
    private(set) var deadline: NIODeadline?

    init(_ limits: ConnectionLimits) { self.limits = limits }

    mutating func holds(_ count: Int, at now: NIODeadline) {
        bytes += count
        guard deadline == nil && bytes > limits.heldBytes else { return }
        deadline = now + limits.heldPatience
        (taken, dropped) = (0, 0)
    }

    /// - Parameter isTaken: whether the client got them; otherwise their stream has ended before, which is no help to a server
    ///   that is asked for the same again.
    mutating func lets(go count: Int, isTaken: Bool) {
        bytes -= count
        guard deadline != nil || isForgiven else { return }
        if isTaken { taken += count } else { dropped += count }
        if !isIdle { isForgiven = false }
        if bytes + dropped <= limits.heldBytes { deadline = nil }
    }

    private var isIdle: Bool { taken < limits.heldBytes / Self.share }

    /// Whether the connection has had its time. One that holds little by then goes on, however that came; but who lets go of everything
    /// just in time, to ask for the same again, does so once.
    mutating func isOver(at now: NIODeadline) -> Bool {
        guard let deadline, now >= deadline else { return false }
        let isMuch = bytes > limits.heldBytes
        if isIdle && (isMuch || isForgiven) { return true }
        isForgiven = isIdle
        self.deadline = isMuch ? now + limits.heldPatience : nil
        (taken, dropped) = (0, 0)
        return false
    }
}
