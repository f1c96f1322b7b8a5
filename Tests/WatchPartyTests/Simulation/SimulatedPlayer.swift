/// A video element: it begins late, takes its time to seek, and stands when nothing more has come. Times are milliseconds.
struct SimulatedPlayer {
    /// What this machine and its line are like.
    struct Make {
        /// From asking to play to playing, and from asking for a place to being there.
        var startLag: ClosedRange<Double>
        var seekCost: ClosedRange<Double>
        /// When nothing comes.
        var droughts: [ClosedRange<Double>] = []
    }

    private(set) var position = 0.0
    private(set) var rate = 1.0
    private(set) var isPaused = true
    private(set) var seek: (to: Double, doneAt: Double)?
    private var goesAt = 0.0
    private var loadedTo = 0.0
    private var now = 0.0
    var make: Make
    let length: Double

    init(_ make: Make, length: Double, now: Double) {
        (self.make, self.length, self.now) = (make, length, now)
    }

    func isDry(at time: Double) -> Bool { make.droughts.contains { $0.contains(time) } }

    // MARK: Time

    /// Lets time pass.
    mutating func advance(to time: Double) {
        guard time > now else { return }
        defer { now = time }
        if let seek, seek.doneAt <= time, !isDry(at: time) || seek.to < loadedTo {
            self.seek = nil
            position = seek.to
            goesAt = max(goesAt, seek.doneAt)
        }
        // What is there lasts for a moment when nothing more comes.
        if isDry(at: time) { loadedTo = max(loadedTo, position) } else { loadedTo = min(length, position + 10) }
        guard seek == nil, !isPaused else { return }
        let moved = max(0, time - max(now, goesAt)) / 1000 * rate
        position = min(position + moved, isDry(at: time) ? loadedTo : length)
    }

    /// The line goes dead: what has come so far is nearly played.
    mutating func dryUp() { loadedTo = min(length, position + 0.3) }

    // MARK: What it is told

    mutating func play(startingAfter lag: Double) {
        guard isPaused else { return }
        isPaused = false
        goesAt = now + lag
    }

    mutating func pause() { isPaused = true }
    mutating func setRate(_ rate: Double) { self.rate = rate }

    mutating func seek(to place: Double, taking cost: Double) {
        let target = min(max(place, 0), length)
        // Shown where it was until it is where it should be.
        seek = (target, now + cost)
        position = target
        if target > loadedTo { loadedTo = target }
    }

    /// As a script sees it, which reads a clock of sound that is not quite even.
    func seen(noise: Double) -> FollowedPlayer {
        let ahead = max(0, loadedTo - position)
        return FollowedPlayer(
            position: position + (isPaused || seek != nil || now < goesAt || ahead <= 0 ? 0 : noise), rate: rate, isPaused: isPaused,
            isSeeking: seek != nil, ahead: ahead, duration: length)
    }
}
