import Core

/// How a film goes on from one moment: the position it has then, and whether and how fast it moves.
struct RoomMotion: Codable, Sendable, Equatable {
    /// Seconds into the film, at the moment `at`.
    var position: Double
    /// Seconds of film in a second.
    var rate = 1.0
    var at: Timestamp
    var isMoving = false

    /// Seconds into the film; before its moment it stands.
    func position(at now: Timestamp) -> Double {
        guard isMoving, now > at else { return position }
        return position + Double(now.milliseconds - at.milliseconds) / 1000 * rate
    }

    /// When it has come to a position, at the latest a millisecond after; `nil` when it never will.
    func moment(of goal: Double) -> Timestamp? {
        guard isMoving else { return position >= goal ? at : nil }
        let left = max(0, goal - position) / rate * 1000
        return Timestamp(milliseconds: at.milliseconds + Int64(left.rounded(.up)))
    }

    /// The same, standing.
    var standing: RoomMotion { RoomMotion(position: position, rate: rate, at: at) }
}
