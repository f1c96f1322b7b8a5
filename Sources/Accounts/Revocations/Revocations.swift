import Core
import Synchronization

/// What has been taken back, in memory: no request asks the database whether its token still holds.
final class Revocations: Sendable {
    /// One row of what was taken back.
    struct Entry<Subject>: Sendable {
        let id: Identifier<Subject>
        let revokedAt: Timestamp
        /// When no token can name it any more.
        let until: Timestamp
    }

    private let devices: RevokedShelf
    private let grants: RevokedShelf

    /// - Parameter capacity: of each kind, how many are kept one by one: of grants about 40 MB when full.
    init(capacity: Int = 1 << 20) {
        devices = RevokedShelf(capacity: capacity)
        grants = RevokedShelf(capacity: capacity)
    }

    /// Whether there are so many that some which were never taken back are refused with them.
    var areOverfull: Bool { devices.isOverfull || grants.isOverfull }

    func contains(_ device: DeviceID) -> Bool { devices.contains(CompactID(device)) }
    func contains(_ grant: GrantID) -> Bool { grants.contains(CompactID(grant)) }

    func add(_ entries: [Entry<Subject.Device>]) {
        for entry in entries { devices.insert(CompactID(entry.id), until: entry.until) }
    }

    func add(_ entries: [Entry<Subject.Grant>]) {
        for entry in entries { grants.insert(CompactID(entry.id), until: entry.until) }
    }

    /// Forgets some of what no token can name any more; called again and again, all of it.
    func removeExpired(at time: Timestamp) {
        devices.sweep(at: time)
        grants.sweep(at: time)
    }
}

/// Revoked ids in parts, each behind a lock of its own: nobody waits while a large table grows or is swept.
private final class RevokedShelf: Sendable {
    private static let partCount = 64
    /// Of each part: 8 MiB of all, when they are needed.
    private static let filterBits = 1 << 20

    private final class Part: Sendable {
        let ids: Mutex<RevokedIDs>

        init(_ ids: RevokedIDs) { self.ids = Mutex(ids) }
    }

    private let parts: [Part]
    private let nextSweep = Mutex(0)

    init(capacity: Int) {
        parts = (0..<Self.partCount).map { _ in
            Part(RevokedIDs(capacity: max(1, capacity / Self.partCount), filterBits: Self.filterBits))
        }
    }

    var isOverfull: Bool { parts.contains { part in part.ids.withLock { $0.isOverfull } } }

    func contains(_ id: CompactID) -> Bool { part(of: id).ids.withLock { $0.contains(id) } }

    func insert(_ id: CompactID, until: Timestamp) { part(of: id).ids.withLock { $0.insert(id, until: until) } }

    /// Sweeps one part, and the next one the next time.
    func sweep(at time: Timestamp) {
        let index = nextSweep.withLock { next in
            defer { next = (next + 1) % parts.count }
            return next
        }
        parts[index].ids.withLock { $0.removeExpired(at: time) }
    }

    /// The last bits of an id are random.
    private func part(of id: CompactID) -> Part { parts[Int(id.low & UInt64(Self.partCount - 1))] }
}

extension Revocations.Entry where Subject == Core.Subject.Device {
    /// An access token outlives its device by 15 minutes at most; an hour allows for clocks and longer settings.
    init(device: DeviceID, revokedAt: Timestamp) {
        self.init(id: device, revokedAt: revokedAt, until: revokedAt + .seconds(3600))
    }
}

extension Revocations.Entry where Subject == Core.Subject.Grant {
    /// A token ends with its grant, but at midnight, and lives no longer than any may.
    init(grant: GrantID, expiresAt: Timestamp?, revokedAt: Timestamp) {
        let longest = revokedAt + GrantSigner.longestLife
        let last = expiresAt.map { min($0, longest) } ?? longest
        self.init(id: grant, revokedAt: revokedAt, until: last + .seconds(86_400))
    }
}
