import Core

/// Views and downloads since they were last written down, at most so many kinds of them.
struct TallySheet: Sendable {
    /// What is counted apart.
    struct Key: Hashable, Sendable {
        var session: SessionID
        /// `nil` for many at once.
        var original: OriginalID?
        var grant: GrantID
    }

    struct Count: Hashable, Sendable {
        var views = 0
        var downloads = 0

        static func + (left: Count, right: Count) -> Count {
            Count(views: left.views + right.views, downloads: left.downloads + right.downloads)
        }
    }

    private let capacity: Int
    private(set) var counts: [Key: Count] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// What finds no room is not counted: as when nobody has written down anything for long.
    mutating func add(_ count: Count, to key: Key) {
        if counts.count >= capacity, counts[key] == nil { return }
        counts[key] = (counts[key] ?? Count()) + count
    }

    /// Empties it.
    /// - Returns: what was on it.
    mutating func take() -> [Key: Count] {
        defer { counts.removeAll(keepingCapacity: true) }
        return counts
    }
}
