import Core

/// What a party shows, where and since when: the truth that everybody plays by. It decides, and touches nothing.
///
/// Each change is one truth more (`sequence`) and takes effect a little ahead, so that everybody acts together; until
/// then what was true before goes on. Whoever changes a room stores it whenever it differs from what was read, and tells
/// of it whenever its sequence does.
struct Room: Codable, Sendable, Equatable {
    /// Rises by one with every change, and never otherwise.
    private(set) var sequence: Int64 = 0
    private(set) var film: RoomFilm?
    /// Whether the film is meant to play; it stands all the same while somebody is waited for.
    private(set) var isPlaying = false
    private(set) var action = RoomAction.pause
    /// Who made it so, if somebody did.
    private(set) var by: Person?
    /// Whom the room waits for; only ever somebody while the film is meant to play.
    var waits = Waits()
    /// How long it waits for one member; zero for not at all.
    var waitSeconds: Int

    /// The one that holds and those to come, the latest last; never empty.
    private var motions: [RoomMotion]
    /// Until then the film that is shown is being opened, and nothing of it begins.
    private var opensAt: Timestamp?

    /// More changes than these do not wait for their moment.
    private static let mostMotions = 8

    /// A room that shows nothing yet.
    init(waitSeconds: Int, now: Timestamp) {
        self.waitSeconds = waitSeconds
        motions = [RoomMotion(position: 0, at: now)]
    }

    // MARK: The truth

    /// The latest word, whether its moment has come or not.
    var truth: RoomMotion { motions[motions.count - 1] }

    /// Whether the film would play, but waits for somebody.
    var isHeld: Bool { isPlaying && !waits.isEmpty }

    /// What holds at a moment. Where nothing does yet, the film stands where it is going to begin.
    func motion(at moment: Timestamp) -> RoomMotion {
        motions.last { $0.at <= moment } ?? motions[0].standing
    }

    /// Seconds into the film at a moment.
    func position(at moment: Timestamp) -> Double { clamped(motion(at: moment).position(at: moment)) }

    /// Whether the film plays to its end and is there.
    func isOver(at now: Timestamp) -> Bool { endsAt.map { $0 <= now } ?? false }

    /// When something is due that nobody commands: a wait runs out, or the film ends. Then `wake` it.
    var wakesAt: Timestamp? { [waits.next, endsAt].compactMap(\.self).min() }

    private var endsAt: Timestamp? {
        guard isPlaying, let duration = film?.duration else { return nil }
        return truth.moment(of: duration)
    }

    // MARK: One more truth

    /// Tells what has changed beside the way the film goes.
    mutating func tell(_ action: RoomAction, by person: Person? = nil) {
        sequence += 1
        self.action = action
        by = person
    }

    /// Lets the film go on in another way from the moment `start` on; a little later if it is still being opened.
    /// - Parameters:
    ///   - position: where it is then; `nil` for where it will be anyhow, see `follows`.
    ///   - rate: `nil` for the one there is.
    mutating func become(
        _ action: RoomAction, by person: Person? = nil, playing: Bool, position: Double? = nil, rate: Double? = nil,
        from start: Timestamp, now: Timestamp
    ) {
        let start = max(start, position == nil ? follows(start, now: now) : start, due(opensAt, now: now) ?? start)
        let place = clamped(position ?? self.position(at: start))
        isPlaying = playing
        append(RoomMotion(position: place, rate: rate ?? truth.rate, at: start, isMoving: playing && waits.isEmpty), now: now)
        tell(action, by: person)
    }

    /// Shows another film, at once; if it plays, it begins a little after the moment `start`.
    mutating func show(_ film: RoomFilm?, _ action: RoomAction, by person: Person? = nil, playing: Bool, from start: Timestamp) {
        self.film = film
        isPlaying = playing && film != nil
        // What stands is opened while it does.
        let opening = isPlaying ? start + Schedule.opening : start
        opensAt = opening
        motions = [RoomMotion(position: 0, rate: truth.rate, at: opening, isMoving: isPlaying)]
        tell(action, by: person)
    }

    /// When what says nothing of the place begins: not before the latest word on the place has come true, which may be farther ahead than
    /// anything is now, because somebody far away has gone meanwhile.
    func follows(_ start: Timestamp, now: Timestamp) -> Timestamp { max(start, due(truth.at, now: now) ?? start) }

    /// A moment that may still come; `nil` for one so far ahead that no schedule has made it, but a clock that was wrong.
    private func due(_ moment: Timestamp?, now: Timestamp) -> Timestamp? { moment.flatMap { $0 - now <= Schedule.farthest ? $0 : nil } }

    /// What was to begin then or after it never will, and what is over is forgotten.
    private mutating func append(_ motion: RoomMotion, now: Timestamp) {
        let present = motions.lastIndex { $0.at <= now } ?? 0
        let others = motions[present...].filter { $0.at < motion.at }
        motions = (others + [motion]).suffix(Self.mostMotions)
    }

    private func clamped(_ position: Double) -> Double { min(max(position, 0), film?.end ?? 0) }
}
