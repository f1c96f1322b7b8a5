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
        var random = SplitMix(state: UInt64(seed))
        var pool = PoolMachine(limits, backoff: Backoff(first: .milliseconds(100), limit: .seconds(1)))
        var (now, next) = (start, UInt64(0))
        var (opening, busy, parked, closing) = (Set<Int>(), [Int: UInt64](), Set<Int>(), Set<Int>())
        var (waiting, ended) = (Set<UInt64>(), Set<UInt64>())
        func end(_ job: UInt64) { #expect(ended.insert(job).inserted, "job \(job) ended twice") }
        func take(_ chores: PoolMachine.Chores) {
            opening.formUnion(chores.opening)
            for slot in chores.closing {
                #expect(parked.remove(slot) != nil)
                closing.insert(slot)
            }
            for job in chores.expired + chores.stranded {
                #expect(waiting.remove(job) != nil)
                end(job)
            }
        }
        func take(_ step: (turn: PoolMachine.Turn, chores: PoolMachine.Chores), _ slot: Int) {
            switch step.turn {
            case .serve(let job):
                #expect(waiting.remove(job) != nil)
                busy[slot] = job
            case .park: parked.insert(slot)
            case .close: closing.insert(slot)
            }
            take(step.chores)
        }
        for _ in 0..<600 {
            now += .milliseconds(random.below(200))
            switch random.below(9) {
            case 0, 1, 2:
                next += 1
                switch pool.arrive(next, now: now) {
                case .serve(let slot):
                    #expect(parked.remove(slot) != nil)
                    busy[slot] = next
                case .wait(let slot):
                    waiting.insert(next)
                    if let slot { opening.insert(slot) }
                case .refuse: end(next)
                }
            case 3: if let slot = opening.min() { opening.remove(slot); take(pool.opened(slot, now: now), slot) }
            case 4: if let slot = opening.min() { opening.remove(slot); take(pool.failedToOpen(slot, now: now, jitter: 0.5)) }
            case 5:
                if let (slot, job) = busy.min(by: { $0.key < $1.key }) {
                    busy[slot] = nil
                    end(job)
                    take(pool.released(slot, now: now), slot)
                }
            case 6:
                if let (slot, job) = busy.min(by: { $0.key < $1.key }) {
                    busy[slot] = nil
                    if let other = pool.rejoin(job, until: now + .seconds(1)) {
                        #expect(parked.remove(other) != nil)
                        busy[other] = job
                    } else {
                        waiting.insert(job)
                    }
                    take(pool.closed(slot, now: now))
                }
            case 7: if let slot = closing.min() { closing.remove(slot); take(pool.closed(slot, now: now)) }
            default:
                take(pool.tick(now: now))
                if let job = waiting.min(), random.below(3) == 0, pool.withdraw(job) {
                    waiting.remove(job)
                    end(job)
                }
            }
            #expect(opening.count + busy.count + parked.count + closing.count <= limits.connections)
            #expect(parked.isEmpty || waiting.isEmpty)
            #expect(pool.usage.waiting == waiting.count && pool.usage.free == parked.count)
        }
    }
}

/// Random numbers that are the same in every run.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ value >> 31) % UInt64(limit))
    }
}
