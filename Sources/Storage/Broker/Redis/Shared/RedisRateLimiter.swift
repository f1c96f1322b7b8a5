import Core

/// Token buckets in Redis, by Redis' clock: of each key the time at which its bucket is full again, which expires then.
/// Without Redis this node counts for itself.
final class RedisRateLimiter: RateLimiter {
    /// Times are microseconds. A time too far ahead, as after the server's clock was set back, is one of an empty bucket,
    /// and from then on time counts by the clock as it is.
    static let script = RedisScript("""
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local interval, room, step = tonumber(ARGV[1]), ARGV[1] * ARGV[2], tonumber(ARGV[3])
        local function keep(full)
            redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
        end
        local known = tonumber(redis.call('GET', KEYS[1]) or now)
        local before = math.min(math.max(known, now), now + room)
        local full = before + step * interval
        if full - now > room then
            if known > before then keep(before) end
            return full - now - room
        end
        if full > now then keep(full) else redis.call('DEL', KEYS[1]) end
        return 0
        """)

    private let link: RedisLink
    private let prefix: String
    private let local: LocalRateLimiter

    /// - Parameter prefix: what its keys begin with.
    init(_ link: RedisLink, prefix: String, clock: any WallClock) {
        self.link = link
        self.prefix = prefix
        self.local = LocalRateLimiter(clock: clock)
    }

    func take(_ key: String, _ limit: RateLimit) async -> Duration? {
        guard let wait = try? await change(key, limit, by: 1).integer else { return await local.take(key, limit) }
        return wait == 0 ? nil : .microseconds(wait)
    }

    func refund(_ key: String, _ limit: RateLimit) async {
        if (try? await change(key, limit, by: -1)) == nil { await local.refund(key, limit) }
    }

    func reset(_ key: String) async {
        _ = try? await link.ask(RedisCommand("DEL", prefix + key))
        await local.reset(key)
    }

    private func change(_ key: String, _ limit: RateLimit, by step: Int) async throws -> RedisReply {
        let interval = limit.interval.milliseconds * 1000
        return try await Self.script.run(
            link, keys: [prefix + key], [String(interval), String(limit.burst), String(step)])
    }
}
