/// What somebody wants of the film. Positions are seconds.
enum RoomCommand: Sendable, Equatable {
    /// Plays on, from a position when one is given; from the beginning when the film is at its end.
    case play(position: Double? = nil)
    /// Stands, at a position when one is given.
    case pause(position: Double? = nil)
    case seek(Double)
    case rate(Double)
    /// Shows another film from its beginning, which plays if the one before did.
    case select(RoomFilm)
    /// Shows the film that comes next and plays it; nothing when there is none.
    case next(RoomFilm?)

    /// Rates that a film may have.
    static let rates = 0.5...2.0
}

/// What made the truth what it is; the names are those of the wire.
enum RoomAction: String, Codable, Sendable, CaseIterable {
    case play, pause, seek, rate, select, next
    /// Somebody is waited for, or somebody else than before.
    case wait
    /// Nobody is waited for any more.
    case resume
    /// The film came to its end, and nothing came after it.
    case end
}
