import Core
import Database
import Synchronization
import TestSupport
import Testing
import WebServer

@testable import Processing

/// Who is staff of which session.
private final class Staff: SessionAccess, SessionMemberships {
    private let rights = Mutex<[UserID: [SessionID: Rights]]>([:])

    func set(_ rights: Rights, of user: UserID, in session: SessionID) {
        self.rights.withLock { $0[user, default: [:]][session] = rights }
    }

    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource {
        let held = rights.withLock { all in principal.userID.flatMap { all[$0]?[session] } }
        return .session(session, held: held ?? [])
    }

    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource { .house }

    func sessions(
        of user: UserID, holding rights: Rights, limit: Int, transaction: any Transaction
    ) throws -> [SessionID] {
        let held = self.rights.withLock { $0[user] ?? [:] }
        return Array(held.filter { $0.value.isSuperset(of: rights) }.map(\.key).prefix(limit))
    }
}

/// Every bearer is a role and the number of an account.
private struct Door: Authenticator {
    func principal(bearer: String?) async throws -> Principal {
        guard let parts = bearer?.split(separator: ".", maxSplits: 1), parts.count == 2, let role = Role(rawValue: String(parts[0])),
            let id = UserID(String(parts[1]))
        else { return .anonymous }
        return .user(id, role: role, device: DeviceID(id))
    }
}

@Suite struct JobRouteTests {
    private static let owner = UserID(at: Timestamp(milliseconds: 1))
    private static let stranger = UserID(at: Timestamp(milliseconds: 2))
    private static let own = SessionID(at: Timestamp(milliseconds: 3))
    private static let second = SessionID(at: Timestamp(milliseconds: 4))
    private static let foreign = SessionID(at: Timestamp(milliseconds: 5))

    private func service(_ house: TestHouse) -> JobService {
        let staff = Staff()
        staff.set(.owner, of: Self.owner, in: Self.own)
        staff.set([.view, .desk], of: Self.owner, in: Self.second)
        staff.set(.owner, of: Self.stranger, in: Self.foreign)
        return JobService(
            store: house.jobs, database: house.database, listener: house.recorder, sessions: staff, memberships: staff)
    }

    private func person(_ user: UserID, _ role: Role = .photographer) -> Principal {
        .user(user, role: role, device: DeviceID(user))
    }

    /// Some jobs in each session, of which the first has failed.
    private func fill(_ house: TestHouse, count: Int = 3) async throws -> [SessionID: [ProcessingJob]] {
        var all: [SessionID: [ProcessingJob]] = [:]
        let jobs = house.jobs
        for session in [Self.own, Self.second, Self.foreign] {
            for _ in 0..<count {
                let job = house.job(in: session)
                try await house.database.write { try jobs.enqueue(job, in: $0) }
                all[session, default: []].append(job)
                house.clock.advance(by: .milliseconds(1))
            }
            let claim = try #require(try await house.claim(.init(last: [.thumbnail: before(session)])))
            #expect(claim.job == all[session]?.first)
            _ = try await house.fail(claim, .refused(ProcessingFailure(code: "damaged", detail: "It is torn.")))
        }
        return all
    }

    /// Whose turn comes before a session's.
    private func before(_ session: SessionID) -> SessionID {
        session == Self.own ? Self.foreign : session == Self.second ? Self.own : Self.second
    }

    @Test("a list shows the sessions one is staff of, and an administrator all", arguments: TestDriver.installed)
    func lists(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let all = try await fill(house)
            let service = service(house)
            let ids = { (sessions: [SessionID]) in
                sessions.flatMap { all[$0] ?? [] }.map(\.id).sorted { $0.description > $1.description }
            }
            let list = { (filter: JobService.Filter, principal: Principal) in
                try await service.list(filter, for: principal, after: nil, limit: 100).map(\.id)
            }
            #expect(try await list(.init(), person(Self.owner)) == ids([Self.own, Self.second]))
            #expect(try await list(.init(), person(Self.stranger)) == ids([Self.foreign]))
            #expect(try await list(.init(), person(Self.stranger, .admin)) == ids([Self.own, Self.second, Self.foreign]))
            #expect(try await list(.init(session: Self.own), person(Self.owner)) == ids([Self.own]))
            #expect(try await list(.init(session: Self.own), person(Self.stranger, .admin)) == ids([Self.own]))
            let failed = [Self.own, Self.second].compactMap { all[$0]?.first?.id }
            #expect(try await Set(list(.init(state: .failed), person(Self.owner))) == Set(failed))
            #expect(try await list(.init(state: .failed, session: Self.own), person(Self.owner)) == [failed[0]])
            #expect(try await list(.init(state: .done), person(Self.owner, .admin)) == [])
            await #expect(throws: Problem.notFound("session")) { try await list(.init(session: Self.foreign), person(Self.owner)) }
        }
    }

    @Test("pages hold every job once, whatever comes in between", arguments: TestDriver.installed)
    func pages(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let all = try await fill(house, count: 7)
            let service = service(house)
            for principal in [person(Self.owner), person(Self.owner, .admin)] {
                var (found, cursor): ([JobID], Cursor?) = ([], nil)
                repeat {
                    let page = try await service.list(.init(), for: principal, after: cursor, limit: 4)
                    found += page.map(\.id)
                    cursor = page.count < 4 ? nil : page.last.map { Cursor(key: $0.createdAt.milliseconds, id: $0.id.description) }
                    try await house.enqueue()
                } while cursor != nil
                let expected = principal.role == .admin ? [Self.own, Self.second, Self.foreign] : [Self.own, Self.second]
                let known = Set(expected.flatMap { all[$0] ?? [] }.map(\.id))
                #expect(known.isSubset(of: found) && Set(found).count == found.count)
            }
        }
    }

    @Test("a page reads no more than its part of an index", arguments: [JobScope.state(.failed), .session(own), .both(own, .failed)])
    func plan(scope: JobScope) async throws {
        let house = try await TestHouse()
        _ = try await fill(house)
        let plan = try await house.database.read { transaction in
            let page = JobStore.page(scope, after: Cursor(key: 5, id: "x"), limit: 10)
            return try transaction.query("EXPLAIN QUERY PLAN \(sql: page)").map { try $0.get("detail", as: String.self) }
        }
        #expect(plan.contains { $0.contains("processing_jobs_by_") && $0.contains("created_at<") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test("a failed job is tried again, and its photo's people are told", arguments: TestDriver.installed)
    func retry(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let all = try await fill(house)
            let service = service(house)
            let (failed, waiting) = (try #require(all[Self.own]?[0]), try #require(all[Self.own]?[1]))
            let record = try await service.retry(failed.id)
            #expect(record.state == .queued && record.attempts == 0 && record.failure == nil)
            #expect(house.recorder.log.last == "requeued")
            for id in [failed.id, waiting.id] {
                await #expect(performing: { try await service.retry(id) }, throws: { ($0 as? Problem)?.code == "job_not_ended" })
            }
            await #expect(throws: Problem.notFound("job")) { try await service.retry(JobID(at: house.clock.now())) }
        }
    }

    @Test("a re-render that is tried again is told of like all else: what it is to follow may have changed", arguments: TestDriver.installed)
    func retryOfRerender(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let job = try #require(try await fill(house)[Self.own]?.first)
            _ = try await house.database.write {
                try $0.execute("UPDATE processing_jobs SET priority = \(JobPriority.rerender) WHERE id = \(job.id)")
            }
            let record = try await service(house).retry(job.id)
            #expect(record.state == .queued && record.priority == .rerender)
            #expect(house.recorder.log == ["requeued"])
        }
    }

    @Test("a job that waits or is being worked at can be cancelled, and tried again", arguments: TestDriver.installed)
    func cancel(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let job = try await house.enqueue()
            let service = service(house)
            for isRunning in [false, true] {
                if isRunning { #expect(try await house.claim() != nil) }
                let record = try await service.cancel(job.id)
                #expect(record.state == .cancelled && record.failure == .cancelled)
                #expect(house.recorder.log.last == "failed cancelled")
                await #expect(performing: { try await service.cancel(job.id) }, throws: { ($0 as? Problem)?.code == "job_ended" })
                #expect(try await service.retry(job.id).state == .queued)
            }
        }
    }

    @Test("over HTTP, everybody gets what the policy says, in the declared shape")
    func http() async throws {
        let house = try await TestHouse()
        let all = try await fill(house)
        let job = try #require(all[Self.own]?.first)
        let routes = JobRoutes(service(house)).routes
        let (owner, member) = ("photographer.\(Self.owner)", "member.\(Self.stranger)")
        try await JobServer.serving(RouteTable(routes, authenticator: Door())) { server in
            let list = try await server.ask("GET", "/api/jobs?limit=2", as: owner)
            #expect(list.status == 200)
            try Page<JobView>.schema.validate(list.json)
            #expect(list.json["items"]?.elements.count == 2 && list.json["nextCursor"]?.stringValue != nil)
            let failed = try await server.ask("GET", "/api/jobs?state=failed&session=\(Self.own)", as: owner)
            let failure = failed.json["items"]?.elements.first?["failure"]
            #expect(failure?["code"] == "damaged" && failure?["detail"] == "It is torn.")
            #expect(failure?["help"]?.stringValue?.hasSuffix(".") == true)
            for (path, status) in [
                ("/api/jobs?state=odd", 400), ("/api/jobs?limit=0", 400), ("/api/jobs?cursor=odd", 400), ("/api/jobs?session=odd", 404),
                ("/api/jobs?session=\(Self.foreign)", 404),
            ] {
                #expect(try await server.ask("GET", path, as: owner).status == status, "\(path)")
            }
            #expect(try await server.ask("GET", "/api/jobs", as: nil).status == 401)
            for deed in ["retry", "cancel"] {
                let path = "/api/jobs/\(job.id)/\(deed)"
                #expect(try await server.ask("POST", path, as: nil).status == 401)
                #expect(try await server.ask("POST", path, as: member).status == 404)
                for odd in ["x", "\(JobID(at: Timestamp(milliseconds: 9)))"] {
                    #expect(try await server.ask("POST", "/api/jobs/\(odd)/\(deed)", as: owner).status == 404)
                }
            }
            // Staff that does not manage the session may look, not touch.
            let watched = try #require(all[Self.second]?.first)
            #expect(try await server.ask("POST", "/api/jobs/\(watched.id)/retry", as: owner).status == 403)
            let retried = try await server.ask("POST", "/api/jobs/\(job.id)/retry", as: owner)
            #expect(retried.status == 202 && retried.json["state"] == "queued")
            try JobView.schema.validate(retried.json)
            let cancelled = try await server.ask("POST", "/api/jobs/\(job.id)/cancel", as: "admin.\(Self.stranger)")
            #expect(cancelled.status == 200 && cancelled.json["failure"]?["code"] == "cancelled")
        }
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
}
