import Core
import Database
import Testing

@testable import Processing

/// The rule of claims as both databases carry it out.
@Suite struct JobTurnTests {
    /// Claims one job after the other, as a process does.
    private func drain(_ house: TestHouse, _ order: inout ClaimOrder, count: Int) async throws -> [ClaimedJob] {
        var claims: [ClaimedJob] = []
        while claims.count < count, let claim = try await house.claim(order.turn()) {
            order.claimed(claim.job.sessionID, claim.priority)
            claims.append(claim)
        }
        return claims
    }

    private func fill(_ house: TestHouse, _ session: SessionID, count: Int) async throws {
        let made = (0..<count).map { _ in house.job(in: session) }
        let jobs = house.jobs
        try await house.database.write { transaction in
            for job in made { try jobs.enqueue(job, in: transaction) }
        }
    }

    @Test("five thousand photos of one session keep nobody else waiting", arguments: TestDriver.installed)
    func fairness(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (busy, small) = (ClaimOrderTests.sessions[0], ClaimOrderTests.sessions[1])
            try await fill(house, busy, count: 5000)
            house.clock.advance(by: .seconds(60))
            try await fill(house, small, count: 1)
            var order = ClaimOrder()
            let claims = try await drain(house, &order, count: 4)
            #expect(claims.map(\.job.sessionID) == [busy, small, busy, busy])
        }
    }

    @Test("every claim is the one that the rule names", arguments: TestDriver.installed)
    func model(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            var (model, numbers, order) = (QueueModel(), [JobID: Int](), ClaimOrder())
            var random = Random(seed: 7)
            let jobs = house.jobs
            for step in 0..<300 {
                house.clock.advance(by: .milliseconds(1))
                if Int.random(in: 0..<5, using: &random) < 3 {
                    let session = try #require(ClaimOrderTests.sessions.randomElement(using: &random))
                    let priority = try #require(JobPriority.allCases.randomElement(using: &random))
                    let job = house.job(in: session)
                    try await house.database.write { transaction in
                        try jobs.enqueue(job, in: transaction)
                        try transaction.execute("UPDATE processing_jobs SET priority = \(priority) WHERE id = \(job.id)")
                    }
                    numbers[job.id] = step
                    model.add(.init(number: step, session: session, priority: priority))
                } else {
                    let claim = try await drain(house, &order, count: 1).first
                    #expect(claim.flatMap { numbers[$0.job.id] } == model.claim()?.number, "step \(step)")
                }
            }
        }
    }

    @Test("many workers at once claim each job once", arguments: TestDriver.installed)
    func together(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            for session in ClaimOrderTests.sessions { try await fill(house, session, count: 4) }
            let claims = try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var order = ClaimOrder()
                        return try await drain(house, &order, count: 20)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claims.count == 20 && Set(claims.map(\.job.id)).count == 20)
        }
    }

    @Test("what is tried again comes in its turn, however much has come since", arguments: TestDriver.installed)
    func triedAgain(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let session = ClaimOrderTests.sessions[0]
            try await fill(house, session, count: 1)
            let first = try #require(try await house.claim())
            _ = try await house.fail(first, .crashed(wasProven: true))
            house.clock.advance(by: .seconds(120))
            try await fill(house, session, count: 3)
            #expect(try await house.claim()?.job.id == first.job.id)
        }
    }

    @Test("what is not due yet is passed over", arguments: TestDriver.installed)
    func notDue(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (first, second) = (ClaimOrderTests.sessions[0], ClaimOrderTests.sessions[1])
            try await fill(house, first, count: 1)
            try await fill(house, second, count: 1)
            let claim = try #require(try await house.claim())
            #expect(claim.job.sessionID == first)
            _ = try await house.fail(claim, .ours)
            #expect(try await house.claim()?.job.sessionID == second)
            #expect(try await house.claim() == nil)
            house.clock.advance(by: .seconds(1))
            #expect(try await house.claim()?.job.sessionID == first)
        }
    }

    @Test("a claim reads one row of an index", arguments: TestDriver.installed)
    func plan(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            for session in ClaimOrderTests.sessions { try await fill(house, session, count: 400) }
            let now = house.clock.now()
            let plan = try await house.database.write { transaction in
                try transaction.execute("ANALYZE")
                let query = JobStore.claimQuery(
                    .thumbnail, of: "session_id > \(ClaimOrderTests.sessions[1])", at: now, transaction.dialect)
                let explain: SQL = driver == .sqlite ? "EXPLAIN QUERY PLAN \(sql: query)" : "EXPLAIN \(sql: query)"
                let column = driver == .sqlite ? "detail" : "QUERY PLAN"
                return try transaction.query(explain).map { try $0.get(column, as: String.self) }.joined(separator: "\n")
            }
            #expect(plan.contains("processing_jobs_turns"), "\(plan)")
            #expect(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "\(plan)")
        }
    }
}

/// The same numbers every time.
private struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
