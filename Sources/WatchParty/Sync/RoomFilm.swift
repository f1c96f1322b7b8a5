/// What a room shows: an entry of its queue.
struct RoomFilm: Codable, Sendable, Equatable {
    /// The entry's id.
    let entry: String
    /// Seconds; `nil` while nobody knows.
    let duration: Double?

    /// - Parameter duration: what is no length (zero, not a number) is taken as unknown.
    init(entry: String, duration: Double?) {
        self.entry = entry
        self.duration = duration.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    /// The end as far as anybody knows: no position lies beyond it.
    var end: Double { duration ?? Self.farthest }

    /// Beyond every film; in seconds.
    private static let farthest = 1_000_000.0
}
