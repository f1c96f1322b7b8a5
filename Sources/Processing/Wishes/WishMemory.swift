import Core

/// AVIF files that somebody would have been given.
struct RenditionWish: Sendable, Hashable {
    var originalID: OriginalID
    /// `Recipe.hash`.
    var recipe: String
}

/// What was wished for lately, and what of it has not been looked at yet; pure and bounded.
///
/// A wish is remembered for `lifetime` at least and twice as long at most, unless there are very many: then it may be
/// forgotten earlier, and be looked at once more.
struct WishMemory {
    static let lifetime = Duration.seconds(60)
    /// Wishes of each half of the memory.
    var capacity = 8192
    /// Wishes that wait to be looked at; more are not taken, nor remembered.
    var room = 1024

    private var recent: Set<RenditionWish> = []
    private var older: Set<RenditionWish> = []
    private var turnedAt: Timestamp?
    private(set) var waiting: [RenditionWish] = []

    init() {}

    /// Wishes that it remembers.
    var count: Int { recent.count + older.count }

    /// - Returns: whether it is to be looked at.
    mutating func add(_ wish: RenditionWish, at now: Timestamp) -> Bool {
        turnOver(at: now)
        if recent.contains(wish) || older.contains(wish) { return false }
        guard waiting.count < room else { return false }
        recent.insert(wish)
        waiting.append(wish)
        return true
    }

    /// Some that wait, the first first.
    mutating func take(_ limit: Int) -> [RenditionWish] {
        defer { waiting.removeFirst(min(limit, waiting.count)) }
        return Array(waiting.prefix(limit))
    }

    /// Lets what could not be looked at be wished for again.
    mutating func forget(_ wishes: [RenditionWish]) {
        recent.subtract(wishes)
        older.subtract(wishes)
    }

    private mutating func turnOver(at now: Timestamp) {
        if let turnedAt, now < turnedAt + Self.lifetime, recent.count < capacity { return }
        // Nobody was here for so long that the younger half is too old as well.
        if let turnedAt, now >= turnedAt + Self.lifetime * 2 { recent = [] }
        older = recent
        recent = []
        turnedAt = now
    }
}
