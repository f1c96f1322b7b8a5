import Core
import NIOCore

/// What lost clients of Socket.IO left behind, by the secret that each was given, for those who come back soon.
struct RecoveryBook {
    /// What a client was when it was lost.
    struct Entry: Sendable, Equatable {
        /// What the client calls itself.
        var id: String
        /// Where it was.
        var namespace: SocketIONamespace
        var memory: ClientMemory
    }

    private struct Kept {
        var entry: Entry
        var until: NIODeadline
        var serial: UInt64
    }

    /// How long an entry is kept.
    static let patience = TimeAmount.minutes(2)

    private let limit: Int
    private var kept: [String: Kept] = [:]
    /// In the order of keeping, which is that of expiry; of those taken out since, some are still in it.
    private var order = CircularBuffer<(pid: String, serial: UInt64)>()
    private var lastSerial: UInt64 = 0

    /// - Parameter limit: Entries; beyond, the oldest is dropped, and its client starts over.
    init(limit: Int) { self.limit = limit }

    var count: Int { kept.count }

    /// Keeps what a client left, in the place of what it had left before.
    mutating func keep(_ entry: Entry, as pid: String, at now: NIODeadline) {
        lastSerial += 1
        kept[pid] = Kept(entry: entry, until: now + Self.patience, serial: lastSerial)
        order.append((pid, lastSerial))
        dropExpired(at: now)
        while kept.count > limit, dropOldest() {}
        if order.count > 2 * limit { order.removeAll { kept[$0.pid]?.serial != $0.serial } }
    }

    /// Takes out what a client left, if there still is something and it may have it.
    mutating func take(_ pid: String, at now: NIODeadline, if mayHave: (Entry) -> Bool) -> Entry? {
        dropExpired(at: now)
        guard let entry = kept[pid]?.entry, mayHave(entry) else { return nil }
        kept[pid] = nil
        return entry
    }

    private mutating func dropExpired(at now: NIODeadline) {
        while let first = order.first, kept[first.pid].map({ $0.serial != first.serial || $0.until <= now }) ?? true, dropOldest() {}
    }

    /// Returns whether there was something to drop, which may have been taken out since.
    private mutating func dropOldest() -> Bool {
        guard let first = order.popFirst() else { return false }
        if kept[first.pid]?.serial == first.serial { kept[first.pid] = nil }
        return true
    }
}
