import Core
import NIOConcurrencyHelpers

/// The time by which uploads have rested too long. A wall clock that was set forward, by a day perhaps, makes none of them
/// old: for one whole term it is only believed as far as time has really passed.
struct ExpiryTime: Sendable {
    /// What a clock may be put right by without being taken for a jump.
    static let tolerance = Duration.seconds(30)

    /// How long an upload may rest.
    let term: Duration
    private var wall: Timestamp
    private var uptime: Duration
    private var jumpedAt: Duration?

    init(term: Duration, wall: Timestamp, uptime: Duration) {
        self.term = term
        self.wall = wall
        self.uptime = uptime
    }

    /// The time, from what the two clocks say. To be asked every few minutes at least, so that a clock which is merely
    /// slow or fast keeps within the tolerance.
    mutating func now(wall: Timestamp, uptime: Duration) -> Timestamp {
        let steady = self.wall + (uptime - self.uptime)
        if wall > steady + Self.tolerance {
            let since = jumpedAt ?? uptime
            jumpedAt = since
            // After a term every upload has been touched by the new time, or has rested for long enough.
            if uptime - since < term { return steady }
        }
        // In step, or set back, which only lets uploads rest longer.
        self.wall = wall
        self.uptime = uptime
        jumpedAt = nil
        return wall
    }
}

/// `ExpiryTime` of a process.
final class ExpiryClock: WallClock {
    private let wall: any WallClock
    private let uptime: @Sendable () -> Duration
    private let time: NIOLockedValueBox<ExpiryTime>

    /// - Parameter uptime: time since any fixed moment, by a clock that nobody sets.
    init(term: Duration, wall: any WallClock, uptime: @escaping @Sendable () -> Duration) {
        self.wall = wall
        self.uptime = uptime
        self.time = NIOLockedValueBox(ExpiryTime(term: term, wall: wall.now(), uptime: uptime()))
    }

    func now() -> Timestamp { time.withLockedValue { $0.now(wall: wall.now(), uptime: uptime()) } }
}
