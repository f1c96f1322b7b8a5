import Core
import Testing

@testable import Database

@Suite struct `Pool machine` {
    let start = ContinuousClock.now
    let limits = PoolMachine.Limits(
        connections: 2, waiting: 3, acquire: .seconds(5), idle: .seconds(60), lifetime: .seconds(600))

    @Test("opens a connection for whoever finds none free, up to the limit, and serves in order of arrival")
    func opening() {
        var pool = PoolMachine(limits)
        #expect(pool.arrive(1, now: start) == .wait(opening: 1))
        #expect(pool.arrive(2, now: start) == .wait(opening: 2))
        #expect(pool.arrive(3, now: start) == .wait(opening: nil))
        #expect(pool.arrive(4, now: start) == .refuse(.busy))
        #expect(pool.opened(2, now: start).turn == .serve(1))
        #expect(pool.opened(1, now: start).turn == .serve(2))
        #expect(pool.released(1, now: start).turn == .serve(3))
        #expect(pool.released(2, now: start).turn == .park)
        #expect(pool.arrive(5, now: start) == .serve(on: 2))
        #expect(pool.usage == (2, 0, 0))
    }

    @Test("a job that came while its connection was being opened takes one that becomes free before")
    func openedForNobody() {
        var pool = PoolMachine(limits)
        _ = pool.arrive(1, now: start)
        _ = pool.opened(1, now: start)
        #expect(pool.arrive(2, now: start) == .wait(opening: 2))
        #expect(pool.released(1, now: start).turn == .serve(2))
        #expect(pool.opened(2, now: start).turn == .park)
        #expect(pool.usage == (1, 1, 0))
    }

    @Test("who waits for too long is given up, and who leaves is not served")
    func leaving() {
        var pool = PoolMachine(limits)
        for job in 1...3 { _ = pool.arrive(UInt64(job), now: start + .seconds(job)) }
        let withdrawn = [2, 2, 9].map { pool.withdraw($0) }
        #expect(withdrawn == [true, false, false])
        #expect(pool.tick(now: start + .seconds(5)).expired == [])
        #expect(pool.tick(now: start + .seconds(7)).expired == [1])
        #expect(pool.opened(1, now: start + .seconds(7)).turn == .serve(3))
        #expect(pool.opened(2, now: start + .seconds(7)).turn == .park)
    }

    @Test("a job that lost its connection goes before the others, and gets a new one")
    func loss() {
        var pool = PoolMachine(limits)
        for job in 1...4 { _ = pool.arrive(UInt64(job), now: start) }
        for slot in 1...2 { _ = pool.opened(slot, now: start) }
        #expect(pool.arrive(4, now: start) == .wait(opening: nil))
        #expect(pool.rejoin(1, until: start + .seconds(5)) == nil)
        #expect(pool.closed(1, now: start) == PoolMachine.Chores(opening: [3]))
        #expect(pool.opened(3, now: start).turn == .serve(1))
        for _ in 0..<3 { _ = pool.released(3, now: start) }
        #expect(pool.rejoin(2, until: start + .seconds(5)) == 3)
    }

    @Test("when nobody can connect all are told, who comes is refused until the next attempt is due, and that is one")
    func outage() {
        var pool = PoolMachine(limits, backoff: Backoff(first: .seconds(1), limit: .seconds(30)))
        for job in 1...2 { _ = pool.arrive(UInt64(job), now: start) }
        #expect(pool.failedToOpen(1, now: start, jitter: 1) == PoolMachine.Chores())
        #expect(pool.failedToOpen(2, now: start, jitter: 1).stranded == [1, 2])
        #expect(pool.arrive(3, now: start + .seconds(1)) == .refuse(.unavailable))
        #expect(pool.arrive(4, now: start + .seconds(2)) == .wait(opening: 3))
        #expect(pool.arrive(5, now: start + .seconds(2)) == .wait(opening: nil))
        #expect(pool.failedToOpen(3, now: start + .seconds(2), jitter: 1).stranded == [4, 5])
        #expect(pool.arrive(6, now: start + .seconds(5)) == .refuse(.unavailable))
        #expect(pool.arrive(7, now: start + .seconds(6)) == .wait(opening: 4))
        #expect(pool.arrive(8, now: start + .seconds(6)) == .wait(opening: nil))
        let (turn, chores) = pool.opened(4, now: start + .seconds(6))
        #expect(turn == .serve(7) && chores.opening == [5])
    }

    @Test("while some connections work, an attempt that fails harms nobody, and is made again when it is due")
    func partialOutage() {
        var pool = PoolMachine(limits, backoff: Backoff(first: .seconds(1), limit: .seconds(30)))
        _ = pool.arrive(1, now: start)
        _ = pool.opened(1, now: start)
        #expect(pool.arrive(2, now: start) == .wait(opening: 2))
        #expect(pool.failedToOpen(2, now: start, jitter: 1) == PoolMachine.Chores())
        #expect(pool.arrive(3, now: start) == .wait(opening: nil))
        #expect(pool.tick(now: start + .milliseconds(900)) == PoolMachine.Chores())
        #expect(pool.tick(now: start + .seconds(1)) == PoolMachine.Chores(opening: [3]))
        #expect(pool.tick(now: start + .seconds(1)) == PoolMachine.Chores())
    }

    @Test("the connection used last is used next; those not needed are closed after a while")
    func idleness() {
        var pool = PoolMachine(limits)
        for job in 1...2 { _ = pool.arrive(UInt64(job), now: start) }
        for slot in 1...2 { _ = pool.opened(slot, now: start) }
        _ = pool.released(1, now: start)
        _ = pool.released(2, now: start)
        #expect(pool.arrive(3, now: start + .seconds(30)) == .serve(on: 2))
        _ = pool.released(2, now: start + .seconds(30))
        #expect(pool.tick(now: start + .seconds(60)) == PoolMachine.Chores(closing: [1]))
        #expect(pool.arrive(4, now: start + .seconds(60)) == .serve(on: 2))
        // A place is free again only when its connection is closed.
        #expect(pool.arrive(5, now: start + .seconds(60)) == .wait(opening: nil))
        #expect(pool.closed(1, now: start + .seconds(60)) == PoolMachine.Chores(opening: [3]))
    }

    @Test("an old connection is replaced when its job is done")
    func lifetime() {
        var pool = PoolMachine(limits)
        for job in 1...3 { _ = pool.arrive(UInt64(job), now: start) }
        for slot in 1...2 { _ = pool.opened(slot, now: start) }
        let later = start + .seconds(600)
        #expect(pool.released(1, now: later).turn == .close)
        #expect(pool.closed(1, now: later) == PoolMachine.Chores(opening: [3]))
        #expect(pool.opened(3, now: later).turn == .serve(3))
    }

    @Test("closing serves those who wait, takes nobody more, and ends when the last connection is closed")
    func closing() {
        var pool = PoolMachine(limits)
        for job in 1...3 { _ = pool.arrive(UInt64(job), now: start) }
        for slot in 1...2 { _ = pool.opened(slot, now: start) }
        _ = pool.released(2, now: start)
        #expect(pool.released(2, now: start).turn == .park)
        #expect(pool.shutDown() == PoolMachine.Chores(closing: [2]))
        #expect(pool.arrive(4, now: start) == .refuse(.closed))
        #expect(pool.closed(2, now: start) == PoolMachine.Chores())
        #expect(!pool.isDrained)
        #expect(pool.released(1, now: start).turn == .close)
        #expect(pool.closed(1, now: start) == PoolMachine.Chores())
        #expect(pool.isDrained)
    }

    @Test("any sequence of events keeps the limits, forgets nobody and serves nobody twice", arguments: 0..<40)
    func anything(_ seed: Int) {
        var house = RandomHouse(limits, seed: seed)
        for _ in 0..<600 {
            house.step()
            #expect(house.slots <= limits.connections)
            #expect(house.parked.isEmpty || house.waiting.isEmpty)
            #expect(house.pool.usage.waiting == house.waiting.count && house.pool.usage.free == house.parked.count)
        }
    }
}

/// Connections and jobs to which anything happens at any time, and what should be known of them.
private struct RandomHouse {
    var pool: PoolMachine
    private(set) var parked: Set<Int> = []
    private(set) var waiting: Set<UInt64> = []
    private var opening: Set<Int> = []
    private var busy: [Int: UInt64] = [:]
    private var closing: Set<Int> = []
    private var ended: Set<UInt64> = []
    private var lastJob: UInt64 = 0
    private var now = ContinuousClock.now
    private var random: UInt64

    init(_ limits: PoolMachine.Limits, seed: Int) {
        pool = PoolMachine(limits, backoff: Backoff(first: .milliseconds(100), limit: .seconds(1)))
        random = UInt64(seed)
    }

    var slots: Int { opening.count + busy.count + parked.count + closing.count }

    mutating func step() {
        now += .milliseconds(below(200))
        switch below(9) {
        case 0, 1, 2: arrive()
        case 3: if let slot = takeFirst(&opening) { take(pool.opened(slot, now: now), slot) }
        case 4: if let slot = takeFirst(&opening) { take(pool.failedToOpen(slot, now: now, jitter: 0.5)) }
        case 5:
            guard let (slot, job) = takeBusy() else { return }
            end(job)
            take(pool.released(slot, now: now), slot)
        case 6: loseConnection()
        case 7: if let slot = takeFirst(&closing) { take(pool.closed(slot, now: now)) }
        default:
            take(pool.tick(now: now))
            if let job = waiting.min(), below(3) == 0, pool.withdraw(job) {
                waiting.remove(job)
                end(job)
            }
        }
    }

    private mutating func arrive() {
        lastJob += 1
        switch pool.arrive(lastJob, now: now) {
        case .serve(let slot): serve(lastJob, on: slot)
        case .wait(let slot):
            waiting.insert(lastJob)
            if let slot { opening.insert(slot) }
        case .refuse: end(lastJob)
        }
    }

    private mutating func loseConnection() {
        guard let (slot, job) = takeBusy() else { return }
        if let other = pool.rejoin(job, until: now + .seconds(1)) { serve(job, on: other) } else { waiting.insert(job) }
        take(pool.closed(slot, now: now))
    }

    private mutating func serve(_ job: UInt64, on slot: Int) {
        let wasParked = parked.remove(slot) != nil
        #expect(wasParked)
        busy[slot] = job
    }

    private mutating func take(_ step: (turn: PoolMachine.Turn, chores: PoolMachine.Chores), _ slot: Int) {
        switch step.turn {
        case .serve(let job):
            stopWaiting(job)
            busy[slot] = job
        case .park: parked.insert(slot)
        case .close: closing.insert(slot)
        }
        take(step.chores)
    }

    private mutating func take(_ chores: PoolMachine.Chores) {
        opening.formUnion(chores.opening)
        for slot in chores.closing {
            let wasParked = parked.remove(slot) != nil
            #expect(wasParked)
            closing.insert(slot)
        }
        for job in chores.expired + chores.stranded {
            stopWaiting(job)
            end(job)
        }
    }

    private mutating func stopWaiting(_ job: UInt64) {
        let wasWaiting = waiting.remove(job) != nil
        #expect(wasWaiting)
    }

    private mutating func end(_ job: UInt64) {
        let isFirst = ended.insert(job).inserted
        #expect(isFirst, "job \(job) ended twice")
    }

    private func takeFirst(_ slots: inout Set<Int>) -> Int? { slots.min().flatMap { slots.remove($0) } }

    private mutating func takeBusy() -> (slot: Int, job: UInt64)? {
        guard let (slot, job) = busy.min(by: { $0.key < $1.key }) else { return nil }
        busy[slot] = nil
        return (slot, job)
    }

    /// SplitMix64: the same in every run.
    private mutating func below(_ limit: Int) -> Int {
        random &+= 0x9e37_79b9_7f4a_7c15
        var value = random
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ value >> 31) % UInt64(limit))
    }
}
