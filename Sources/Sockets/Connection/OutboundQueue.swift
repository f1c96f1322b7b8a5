import NIOCore

/// Frames that wait for the transport, within a bound of bytes.
///
/// Order is that of sending. A latest-only frame takes the place of its newest version, not that of the version it replaces:
/// so no stale value follows a durable frame that was sent after it.
public struct OutboundQueue {
    private struct Durable {
        var sequence: UInt64
        var frame: ByteBuffer
    }
    private struct Latest {
        var key: String
        var sequence: UInt64
        var frame: ByteBuffer
    }

    let maxBytes: Int
    let maxKeys: Int
    private let tally: OutboundTally?
    private var durable = CircularBuffer<Durable>()
    /// Ordered by sequence; short, as keys are bounded.
    private var latest: [Latest] = []
    private var nextSequence: UInt64 = 0
    /// What is queued, with 64 bytes of overhead for each frame, so that many tiny frames count too.
    public private(set) var byteCount = 0

    /// Whether nothing waits.
    public var isEmpty: Bool { durable.isEmpty && latest.isEmpty }

    /// - Parameters:
    ///   - maxBytes: of all frames, each counted with 64 more than it has.
    ///   - maxKeys: of latest-only frames.
    ///   - tally: counts the latest-only frames that are replaced or find no room.
    public init(maxBytes: Int, maxKeys: Int, tally: OutboundTally? = nil) {
        self.maxBytes = maxBytes
        self.maxKeys = maxKeys
        self.tally = tally
    }

    /// Adds a frame that must arrive; latest-only frames give way to it. `false`: there is no room, and it was not added.
    public mutating func append(_ frame: ByteBuffer) -> Bool {
        let latestBytes = latest.reduce(0) { $0 + Self.cost($1.frame) }
        guard byteCount - latestBytes + Self.cost(frame) <= maxBytes else { return false }
        makeRoom(for: frame)
        appendLast(frame)
        return true
    }

    /// Adds the last frame of all, whether there is room or not.
    public mutating func appendLast(_ frame: ByteBuffer) {
        durable.append(Durable(sequence: sequence(), frame: frame))
        byteCount += Self.cost(frame)
    }

    /// Adds a frame in place of an older one with the same key. Without room it is dropped, or drops older ones of its kind.
    public mutating func replaceLatest(key: String, _ frame: ByteBuffer) {
        if let old = latest.firstIndex(where: { $0.key == key }) { dropLatest(at: old) }
        if latest.count >= maxKeys { dropLatest(at: 0) }
        makeRoom(for: frame)
        guard byteCount + Self.cost(frame) <= maxBytes else {
            tally?.dropped()
            return
        }
        latest.append(Latest(key: key, sequence: sequence(), frame: frame))
        byteCount += Self.cost(frame)
    }

    /// Takes what is sent next.
    public mutating func popFirst() -> ByteBuffer? {
        guard let first = latest.first, first.sequence < durable.first?.sequence ?? .max else { return popDurable() }
        removeLatest(at: 0)
        return first.frame
    }

    /// Forgets everything.
    public mutating func removeAll() { self = OutboundQueue(maxBytes: maxBytes, maxKeys: maxKeys, tally: tally) }

    private mutating func popDurable() -> ByteBuffer? {
        guard let frame = durable.popFirst()?.frame else { return nil }
        byteCount -= Self.cost(frame)
        return frame
    }

    private mutating func makeRoom(for frame: ByteBuffer) {
        while byteCount + Self.cost(frame) > maxBytes, !latest.isEmpty { dropLatest(at: 0) }
    }

    private mutating func dropLatest(at index: Int) {
        removeLatest(at: index)
        tally?.dropped()
    }

    private mutating func removeLatest(at index: Int) {
        byteCount -= Self.cost(latest.remove(at: index).frame)
    }

    private mutating func sequence() -> UInt64 {
        nextSequence += 1
        return nextSequence
    }

    private static func cost(_ frame: ByteBuffer) -> Int { frame.readableBytes + 64 }
}
