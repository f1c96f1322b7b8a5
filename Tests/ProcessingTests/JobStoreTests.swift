import Core
import Database
import Testing

@testable import Processing

@Suite struct JobStoreTests {
    @Test func `each job is claimed once, however many workers ask at the same time`() async throws {
        let house = try await TestHouse()
        var expected: Set<JobID> = []
        for _ in 0..<5 { expected.insert(try await house.enqueue().id) }
        let claims = try await withThrowingTaskGroup(of: ClaimedJob?.self) { group in
            for _ in 0..<20 { group.addTask { try await house.claim() } }
            return try await group.reduce(into: [ClaimedJob]()) { claims, claim in claim.map { claims.append($0) } }
        }
        #expect(claims.count == 5)
        #expect(Set(claims.map(\.job.id)) == expected)
        #expect(Set(claims.map(\.lease)).count == 5)
    }

    @Test func `a job comes back from the table as it went in`() async throws {
        let house = try await TestHouse()
        var job = house.job()
        job.sha256 = "00ff"
        let jobs = house.jobs
        try await house.database.write { [job] in try jobs.enqueue(job, in: $0) }
        #expect(try await house.claim()?.job == job)
    }

    @Test func `enqueueing again changes nothing, by job or by original`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        let claim = try #require(try await house.claim())
        var sibling = job
        sibling.id = JobID(at: house.clock.now())
        let jobs = house.jobs
        try await house.database.write { [sibling] transaction in
            try jobs.enqueue(job, in: transaction)
            try jobs.enqueue(sibling, in: transaction)
        }
        #expect(try await house.claim() == nil)
        #expect(try await house.standing(claim) == .held)
    }

    @Test func `the oldest job comes first`() async throws {
        let house = try await TestHouse()
        var expected: [JobID] = []
        for _ in 0..<3 {
            expected.append(try await house.enqueue().id)
            house.clock.advance(by: .milliseconds(1))
        }
        var claimed: [JobID] = []
        while let claim = try await house.claim() { claimed.append(claim.job.id) }
        #expect(claimed == expected)
    }

    @Test func `a lease that ran out is anybody's, and the first worker's results no longer count`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let first = try #require(try await house.claim())
        house.clock.advance(by: .milliseconds(14_999))
        #expect(try await house.claim() == nil)
        house.clock.advance(by: .milliseconds(1))
        let second = try #require(try await house.claim())
        #expect(second.attempt == 1 && second.interruptions == 1)
        #expect(try await house.standing(first) == .lost)
        #expect(try await house.standing(second) == .held)
        let jobs = house.jobs
        let (beat, completed) = try await house.database.write { transaction in
            (
                try jobs.heartbeat(first, lease: .seconds(15), in: transaction),
                try jobs.complete(first, in: transaction)
            )
        }
        #expect(!beat && !completed)
        #expect(try await house.fail(first, .ours) == nil)
        #expect(try await house.standing(second) == .held)
    }

    @Test func `a heartbeat prolongs the lease`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let claim = try #require(try await house.claim())
        house.clock.advance(by: .seconds(10))
        let jobs = house.jobs
        #expect(try await house.database.write { try jobs.heartbeat(claim, lease: .seconds(15), in: $0) })
        house.clock.advance(by: .seconds(10))
        #expect(try await house.claim() == nil)
    }

    @Test func `a heartbeat leaves alone since when a job is in its state`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        house.clock.advance(by: .seconds(3))
        let claim = try #require(try await house.claim())
        let (jobs, begun) = (house.jobs, house.clock.now())
        house.clock.advance(by: .seconds(5))
        #expect(try await house.database.write { try jobs.heartbeat(claim, lease: .seconds(15), in: $0) })
        #expect(try await house.database.read { try jobs.find(claim.job.id, in: $0)?.updatedAt } == begun)
    }

    @Test func `our own failures are retried after 1, 5 and 30 seconds, then the job is over`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        for (attempt, pause) in [(1, 1), (2, 5), (3, 30)] {
            let claim = try #require(try await house.claim())
            #expect(claim.attempt == attempt)
            #expect(try await house.fail(claim, .ours) == nil)
            house.clock.advance(by: .seconds(pause) - .milliseconds(1))
            #expect(try await house.claim() == nil)
            house.clock.advance(by: .milliseconds(1))
        }
        let last = try #require(try await house.claim())
        #expect(try await house.fail(last, .ours)?.code == "internal")
        house.clock.advance(by: .seconds(3600))
        #expect(try await house.claim() == nil)
        #expect(try await house.state(of: job) == "failed 4")
    }

    @Test func `crashes are counted over attempts`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let first = try #require(try await house.claim())
        #expect(try await house.fail(first, .crashed(wasProven: true)) == nil)
        house.clock.advance(by: .seconds(1))
        let second = try #require(try await house.claim())
        #expect(try await house.fail(second, .crashed(wasProven: true))?.code == "decoder_crashed")
    }

    @Test func `only a failed job can be requeued, and it starts afresh`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        let jobs = house.jobs
        let requeue = { @Sendable in try await house.database.write { try jobs.requeue(job.photoID, in: $0) } }
        #expect(try await requeue() == false)
        let claim = try #require(try await house.claim())
        _ = try await house.fail(claim, .refused(ProcessingFailure(code: "damaged", detail: "")))
        #expect(try await requeue() == true)
        #expect(try await requeue() == false)
        let again = try #require(try await house.claim())
        #expect(again.attempt == 1 && again.crashes == 0)
    }

    @Test func `a cancelled job is gone, for its worker too`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let claim = try #require(try await house.claim())
        let jobs = house.jobs
        try await house.database.write { try jobs.cancelAll(of: house.session, in: $0) }
        #expect(try await house.standing(claim) == .gone)
    }

    @Test func `an original's job is dropped while it waits or has failed, but not under its worker's hands`() async throws {
        let house = try await TestHouse()
        let jobs = house.jobs
        let cancel = { @Sendable (job: ProcessingJob) in
            try await house.database.write { try jobs.cancel(job.originalID, in: $0) }
        }
        try await cancel(try await house.enqueue())
        #expect(try await house.claim() == nil)
        let job = try await house.enqueue()
        let claim = try #require(try await house.claim())
        try await cancel(job)
        #expect(try await house.standing(claim) == .held)
        _ = try await house.fail(claim, .refused(ProcessingFailure(code: "damaged", detail: "")))
        try await cancel(job)
        #expect(try await house.standing(claim) == .gone)
    }

    @Test func `a released job is due at once and the attempt does not count`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let claim = try #require(try await house.claim())
        let jobs = house.jobs
        try await house.database.write { try jobs.release(claim, in: $0) }
        #expect(try await house.claim()?.attempt == 1)
    }

    @Test func `the sole worker takes back at once what a crash left running`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let before = try #require(try await house.claim())
        try await house.restart()
        #expect(try await house.standing(before) == .lost)
        let again = try #require(try await house.claim())
        #expect(again.attempt == 1 && again.interruptions == 1)
    }

    @Test func `a job whose workers all vanish, restarted or not, is over in the end`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        for count in 0...RetryPolicy.maxInterruptions {
            #expect(try await house.claim()?.interruptions == count)
            if count.isMultiple(of: 2) { try await house.restart() } else { house.clock.advance(by: .seconds(15)) }
        }
        #expect(try await house.claim() == nil)
        let jobs = house.jobs
        let exhausted = try await house.database.write { try jobs.failExhausted(limit: 16, in: $0) }
        #expect(exhausted == [job])
        #expect(try await house.state(of: job) == "failed 1")
        #expect(try await house.database.write { try jobs.requeue(job.photoID, in: $0) })
        #expect(try await house.claim()?.interruptions == 0)
    }

    @Test func `a worker that vanishes costs a job none of its attempts, and spares it none`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        for attempt in 1...RetryPolicy.maxAttempts {
            _ = try await house.claim()
            try await house.restart()
            let claim = try #require(try await house.claim())
            #expect(claim.attempt == attempt)
            #expect((try await house.fail(claim, .ours) != nil) == (attempt == RetryPolicy.maxAttempts))
            house.clock.advance(by: .seconds(30))
        }
        #expect(try await house.state(of: job) == "failed 4")
    }

    @Test func `a crash of the decoder is remembered over a crash of the server`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let first = try #require(try await house.claim())
        #expect(try await house.fail(first, .crashed(wasProven: true)) == nil)
        house.clock.advance(by: .seconds(1))
        _ = try #require(try await house.claim())
        try await house.restart()
        let last = try #require(try await house.claim())
        #expect(try await house.fail(last, .crashed(wasProven: true))?.code == "decoder_crashed")
    }

    @Test func `a commit rings, a roll-back does not`() async throws {
        let house = try await TestHouse()
        let (number, rings) = house.jobs.bell.listen()
        struct Refused: Error {}
        let (job, jobs) = (house.job(), house.jobs)
        await #expect(throws: Refused.self) {
            try await house.database.write { transaction in
                try jobs.enqueue(job, in: transaction)
                throw Refused()
            }
        }
        house.recorder.note("rolled back")
        let listening = Task { for await _ in rings { house.recorder.note("ring") } }
        try await house.enqueue()
        try await house.recorder.wait(for: "ring")
        house.jobs.bell.stop(number)
        await listening.value
        #expect(house.recorder.log == ["rolled back", "ring"])
    }

    @Test func `the census counts what waits by priority, up to a limit, and since when`() async throws {
        let house = try await TestHouse()
        let start = house.clock.now()
        for _ in 0..<3 { try await house.enqueue() }
        house.clock.advance(by: .seconds(5))
        let claim = try #require(try await house.claim())
        let jobs = house.jobs
        _ = try await house.database.write { try jobs.handOver(claim, in: $0) }
        house.clock.advance(by: .seconds(5))
        _ = try await house.claim()
        let census = { @Sendable (limit: Int) in try await house.database.read { try jobs.census(limit: limit, in: $0) } }
        let all = try await census(100)
        #expect(all.running == 1)
        #expect(all.lines[.thumbnail] == .init(waiting: 1, oldest: start))
        #expect(all.lines[.renditions] == .init(waiting: 1, oldest: start + .seconds(5)))
        #expect(all.lines[.rerender] == .init(waiting: 0, oldest: nil))
        for _ in 0..<3 { try await house.enqueue() }
        #expect(try await census(2).lines[.thumbnail]?.waiting == 2)
    }

    @Test func `a decoder that was killed for its time counts like one that crashed, also after a restart`() async throws {
        let house = try await TestHouse()
        try await house.enqueue()
        let first = try #require(try await house.claim())
        #expect(try await house.fail(first, .timedOut) == nil)
        house.clock.advance(by: .seconds(1))
        _ = try #require(try await house.claim())
        try await house.restart()
        let last = try #require(try await house.claim())
        #expect(last.crashes == 1)
        #expect(try await house.fail(last, .crashed(wasProven: true))?.code == "decoder_crashed")
        house.clock.advance(by: .seconds(3600))
        try await house.restart()
        #expect(try await house.claim() == nil)
    }

    @Test func `the rest of a job waits behind other thumbnails, and keeps its attempt`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue()
        let jobs = house.jobs
        let first = try #require(try await house.claim())
        #expect(first.priority == .thumbnail)
        #expect(try await house.database.write { try jobs.handOver(first, in: $0) })
        #expect(try await house.standing(first) == .lost)
        #expect(try await house.state(of: job) == "queued 0")
        house.clock.advance(by: .seconds(60))
        let later = try await house.enqueue()
        #expect(try await house.claim()?.job == later)
        let rest = try #require(try await house.claim())
        #expect(rest.job == job && rest.priority == .renditions && rest.attempt == 1)
    }

    @Test func `a cancelled job is nobody's, and can be tried again`() async throws {
        let house = try await TestHouse()
        let jobs = house.jobs
        let job = try await house.enqueue()
        let cancel = { @Sendable in try await house.database.write { try jobs.cancel(job.id, in: $0) } }
        #expect(try await cancel())
        #expect(try await house.claim() == nil)
        #expect(try await !cancel())
        #expect(try await house.database.write { try jobs.requeue(job.id, in: $0) })
        let claim = try #require(try await house.claim())
        #expect(try await cancel())
        #expect(try await house.standing(claim) == .gone)
        #expect(try await house.fail(claim, .ours) == nil)
        #expect(try await house.state(of: job) == "cancelled 1")
        #expect(try await house.database.write { try jobs.requeue(job.photoID, in: $0) })
    }
}
