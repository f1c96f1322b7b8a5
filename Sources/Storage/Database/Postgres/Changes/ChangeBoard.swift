import Core

/// Who follows which channel, what is to be notified, and when the next look is due. Decides; touches nothing.
struct ChangeBoard {
    typealias Instant = ContinuousClock.Instant

    private struct Follower { let channel: String; var dueAt: Instant }

    private let poll: Duration
    private var followers: [Int: Follower] = [:]
    private var lastFollower = 0
    private var outgoing: Set<String> = []

    init(poll: Duration) { self.poll = poll }

    /// All channels that somebody follows.
    var channels: Set<String> { Set(followers.values.map(\.channel)) }

    /// When somebody is to be woken even if nothing is heard.
    var nextPoll: Instant? { followers.values.map(\.dueAt).min() }

    mutating func follow(_ channel: String, now: Instant) -> Int {
        lastFollower += 1
        followers[lastFollower] = Follower(channel: Self.name(channel), dueAt: now + poll)
        return lastFollower
    }

    mutating func leave(_ follower: Int) { followers[follower] = nil }

    /// Something was heard on a channel.
    /// - Returns: whom to wake.
    mutating func heard(_ channel: String, now: Instant) -> [Int] { wake(now) { $0.channel == channel } }

    /// Anything may have been missed.
    mutating func missed(now: Instant) -> [Int] { wake(now) { _ in true } }

    /// Those whose time has come.
    mutating func due(now: Instant) -> [Int] { wake(now) { $0.dueAt <= now } }

    /// Channels are sets: what nobody has sent yet is sent once.
    mutating func notify(_ channels: Set<String>) { outgoing.formUnion(channels.map(Self.name)) }

    mutating func takeOutgoing() -> Set<String> {
        defer { outgoing = [] }
        return outgoing
    }

    /// Channels are names of the program; anything but letters, digits and underscores is dropped all the same, and no name is
    /// longer than PostgreSQL takes it.
    private static func name(_ channel: String) -> String {
        String(channel.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }.prefix(50))
    }

    private mutating func wake(_ now: Instant, _ isMeant: (Follower) -> Bool) -> [Int] {
        let woken = followers.filter { isMeant($0.value) }.keys
        for follower in woken { followers[follower]?.dueAt = now + poll }
        return Array(woken)
    }
}
