import Synchronization

/// Counts the latest-only frames that slow readers were not given, over any number of queues. May be used from anywhere.
public final class OutboundTally: Sendable {
    private let drops = Atomic<Int>(0)

    /// None yet.
    public init() {}

    /// How many frames were replaced by later ones of their keys, or found no room.
    public var droppedFrames: Int { drops.load(ordering: .relaxed) }

    func dropped() { drops.wrappingAdd(1, ordering: .relaxed) }
}
