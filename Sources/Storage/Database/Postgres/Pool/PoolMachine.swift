/// Decides who gets which connection, when one is opened or closed, and who has waited for too long. Touches nothing.
///
/// Connections go by numbers (slots), those who want one by the number of their job. A free connection and somebody who
/// waits never exist at the same time.
struct PoolMachine {
    typealias Instant = ContinuousClock.Instant

    struct Limits: Sendable {
        var connections: Int
        var waiting: Int
        /// How long a job waits.
        var acquire: Duration
        /// How long a connection may be free before it is closed.
        var idle: Duration?
        /// How old a connection may become.
        var lifetime: Duration?
    }

    enum Refusal { case busy, unavailable, closed }

    /// What becomes of a job that arrives.
    enum Admission: Equatable {
        case serve(on: Int)
        /// It waits; `opening` is a connection to open meanwhile.
        case wait(opening: Int?)
        case refuse(Refusal)
    }

    /// What a connection does next.
    enum Turn: Equatable { case serve(UInt64), park, close }

    /// What is to be done beside.
    struct Chores: Equatable {
        var opening: [Int] = []
        var closing: [Int] = []
        /// Jobs that get no connection, and why.
        var expired: [UInt64] = []
        var stranded: [UInt64] = []
    }

    private enum State: Equatable {
        case opening
        case busy(openedAt: Instant)
        case free(openedAt: Instant, since: Instant)
        case closing
    }

    /// Connecting fails: since how many attempts, and when the next one is due.
    private struct Outage { var failures: Int; var retryAt: Instant }

    private let limits: Limits
    private let backoff: Backoff
    private var slots: [Int: State] = [:]
    private var nextSlot = 0
    /// The one used last is used next, so that those not needed grow old and are closed.
    private var free: [Int] = []
    private var line = WaitingLine()
    private var outage: Outage?
    private(set) var isClosing = false

    init(_ limits: Limits, backoff: Backoff = .connecting) {
        self.limits = limits
        self.backoff = backoff
    }

    // MARK: Jobs

    mutating func arrive(_ job: UInt64, now: Instant) -> Admission {
        if isClosing { return .refuse(.closed) }
        if let slot = takeFree() { return .serve(on: slot) }
        guard line.count < limits.waiting else { return .refuse(.busy) }
        // Nobody waits for a server that was not there a moment ago; the next attempt is for whoever comes when it is due.
        if slots.isEmpty, let outage, now < outage.retryAt { return .refuse(.unavailable) }
        line.append(job, until: now + limits.acquire)
        return .wait(opening: openOne(now))
    }

    /// A job whose connection was lost wants another one, before those who have had none.
    /// - Returns: the connection that serves it; `nil` when it waits.
    mutating func rejoin(_ job: UInt64, until deadline: Instant) -> Int? {
        if let slot = takeFree() { return slot }
        line.prepend(job, until: deadline)
        return nil
    }

    /// Whether the job was still waiting; from now on it is not.
    mutating func withdraw(_ job: UInt64) -> Bool { line.remove(job) }

    // MARK: Connections

    mutating func opened(_ slot: Int, now: Instant) -> (turn: Turn, chores: Chores) {
        outage = nil
        slots[slot] = .busy(openedAt: now)
        return released(slot, now: now)
    }

    /// A connection is done with its job.
    mutating func released(_ slot: Int, now: Instant) -> (turn: Turn, chores: Chores) {
        guard case .busy(let openedAt) = slots[slot] else { return (.close, Chores()) }
        let isOld = limits.lifetime.map { now - openedAt >= $0 } ?? false
        if !isOld, let job = line.popFirst() { return (.serve(job), chores(now)) }
        guard !isOld, !isClosing else {
            slots[slot] = .closing
            return (.close, chores(now))
        }
        slots[slot] = .free(openedAt: openedAt, since: now)
        free.append(slot)
        return (.park, Chores())
    }

    /// A connection could not be opened.
    mutating func failedToOpen(_ slot: Int, now: Instant, jitter: Double) -> Chores {
        slots[slot] = nil
        let failures = (outage?.failures ?? 0) + 1
        outage = Outage(failures: failures, retryAt: now + backoff.delay(after: failures, jitter: jitter))
        var chores = Chores()
        if slots.isEmpty { chores.stranded = line.removeAll() }
        return chores
    }

    /// A connection is gone, by itself or because it was told to close.
    mutating func closed(_ slot: Int, now: Instant) -> Chores {
        slots[slot] = nil
        free.removeAll { $0 == slot }
        return chores(now)
    }

    // MARK: Time

    /// Looks at every clock; to be called a few times a second.
    mutating func tick(now: Instant) -> Chores {
        var chores = Chores(expired: line.expire(now))
        for (slot, state) in slots {
            guard case .free(let openedAt, let since) = state else { continue }
            let isIdle = limits.idle.map { now - since >= $0 } ?? false
            let isOld = limits.lifetime.map { now - openedAt >= $0 } ?? false
            if isIdle || isOld { chores.closing.append(slot) }
        }
        close(chores.closing)
        chores.opening = openUseful(now)
        return chores
    }

    /// Takes no more jobs; those that wait are still served.
    mutating func shutDown() -> Chores {
        isClosing = true
        let closing = free
        close(closing)
        return Chores(closing: closing)
    }

    /// Whether nothing is left after `shutDown`.
    var isDrained: Bool { isClosing && slots.isEmpty && line.count == 0 }

    /// Connections that work or are being opened, free ones, and jobs that wait.
    var usage: (busy: Int, free: Int, waiting: Int) { (slots.count - free.count, free.count, line.count) }

    private mutating func takeFree() -> Int? {
        guard let slot = free.popLast(), case .free(let openedAt, _) = slots[slot] else { return nil }
        slots[slot] = .busy(openedAt: openedAt)
        return slot
    }

    // MARK: Opening

    private mutating func chores(_ now: Instant) -> Chores { Chores(opening: openUseful(now)) }

    private mutating func close(_ closing: [Int]) {
        for slot in closing { slots[slot] = .closing }
        free.removeAll(where: closing.contains)
    }

    private mutating func openUseful(_ now: Instant) -> [Int] {
        var opening: [Int] = []
        while let slot = openOne(now) { opening.append(slot) }
        return opening
    }

    /// As many are opened at a time as there are jobs to serve; after a failure one, and not before its time.
    private mutating func openOne(_ now: Instant) -> Int? {
        guard line.count > 0, slots.count < limits.connections else { return nil }
        let underway = slots.values.count { $0 == .opening }
        guard underway < line.count else { return nil }
        if let outage, underway > 0 || now < outage.retryAt { return nil }
        nextSlot += 1
        slots[nextSlot] = .opening
        return nextSlot
    }
}
