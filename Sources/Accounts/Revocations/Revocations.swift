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

    /// About 30 MB when full; a house with more revocations alive than that has other troubles.
    static let capacity = 200_000

    private struct State {
        var devices = RevokedIDs<Subject.Device>(capacity: Revocations.capacity)
        var grants = RevokedIDs<Subject.Grant>(capacity: Revocations.capacity)
    }

    private let state = Mutex(State())

    func contains(_ device: DeviceID) -> Bool { state.withLock { $0.devices.contains(device) } }
    func contains(_ grant: GrantID) -> Bool { state.withLock { $0.grants.contains(grant) } }

    func add(_ entries: [Entry<Subject.Device>]) {
        state.withLock { state in for entry in entries { state.devices.insert(entry.id, until: entry.until) } }
    }

    func add(_ entries: [Entry<Subject.Grant>]) {
        state.withLock { state in for entry in entries { state.grants.insert(entry.id, until: entry.until) } }
    }

    func removeExpired(at time: Timestamp) {
        state.withLock { state in
            state.devices.removeExpired(at: time)
            state.grants.removeExpired(at: time)
        }
    }
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
