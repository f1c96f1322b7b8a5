import Synchronization

/// Rate limits of a single process.
public final class LocalRateLimiter: RateLimiter {
    private let clock: any WallClock
    private let table: Mutex<ArrivalTable>

    /// - Parameter capacity: keys remembered at a time.
    public init(capacity: Int = 50_000, clock: any WallClock = SystemWallClock()) {
        self.clock = clock
        self.table = Mutex(ArrivalTable(capacity: capacity))
    }

    public func take(_ key: String, _ limit: RateLimit) async -> Duration? {
        let now = clock.now()
        return table.withLock { $0.take(key, limit, now: now) }
    }

    public func refund(_ key: String, _ limit: RateLimit) async {
        let now = clock.now()
        table.withLock { $0.refund(key, limit, now: now) }
    }

    public func reset(_ key: String) async { table.withLock { $0.reset(key) } }
}

/// Token buckets by key, as the generic cell rate algorithm keeps them: of each, the time at which it is full again.
struct ArrivalTable: Sendable {
    private let capacity: Int
    private var full: [String: Timestamp] = [:]

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { full.count }

    /// Takes a token; `nil` when there was one, otherwise the time until there is.
    mutating func take(_ key: String, _ limit: RateLimit, now: Timestamp) -> Duration? {
        let before = fullTime(of: key, limit, now)
        let next = before + limit.interval
        let wait = next - (now + limit.interval * limit.burst)
        guard wait <= .zero else {
            // From here on time counts by the clock as it is now.
            full[key] = before
            return wait
        }
        full[key] = next
        if full.count > capacity { evict(now) }
        return nil
    }

    mutating func refund(_ key: String, _ limit: RateLimit, now: Timestamp) {
        let next = fullTime(of: key, limit, now) - limit.interval
        full[key] = next > now ? next : nil
    }

    mutating func reset(_ key: String) { full[key] = nil }

    /// Never in the past, nor further ahead than an empty bucket needs: clocks may have been set back.
    private func fullTime(of key: String, _ limit: RateLimit, _ now: Timestamp) -> Timestamp {
        min(max(full[key] ?? now, now), now + limit.interval * limit.burst)
    }

    /// Forgets full buckets, which costs nobody anything; then a tenth of the rest, the fullest first.
    private mutating func evict(_ now: Timestamp) {
        full = full.filter { $0.value > now }
        guard full.count > capacity else { return }
        let surplus = full.count - capacity + capacity / 10
        for (key, _) in full.sorted(by: { $0.value < $1.value }).prefix(surplus) { full[key] = nil }
    }
}
