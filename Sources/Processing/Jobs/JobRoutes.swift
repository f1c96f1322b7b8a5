public import Core
import HTTPTypes
public import WebServer

/// `/api/jobs`: what is being done with the files that came, and why some of it failed.
public struct JobRoutes: Sendable {
    private static let tag = "Jobs"

    let service: JobService

    /// - Parameters:
    ///   - jobs: the same store that enqueues, so that a retry wakes the runner at once.
    ///   - listener: is told what becomes of photos.
    public init(
        _ jobs: JobStore, database: any Database, listener: any ProcessingListener, sessions: any SessionAccess,
        memberships: any SessionMemberships
    ) {
        self.init(
            JobService(store: jobs, database: database, listener: listener, sessions: sessions, memberships: memberships))
    }

    init(_ service: JobService) { self.service = service }

    /// All of them.
    public var routes: [Route] { [list, retry, cancel] }

    private var list: Route {
        .json(
            .get, "/api/jobs", .listJobs, "The jobs of the sessions one is staff of, the newest first", tag: Self.tag,
            query: [
                Route.Query("state", .oneOf(JobState.allCases.map(\.rawValue)), "Only those in this state."),
                Route.Query("session", .formatted(.uuid), "Only those of this session."),
            ] + Route.paging,
            output: Page<JobView>.self, errors: ["bad_query": 400, "not_found": 404], noun: "session"
        ) { call in
            let limit = try call.integer("limit", in: 1...200, default: 50)
            let found = try await service.list(
                try call.filter(), for: call.principal, after: try call.cursor(), limit: limit + 1)
            return Page(found.map(JobView.init), limit: limit) {
                Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
            }
        }
    }

    private var retry: Route {
        .json(
            .post, "/api/jobs/{id}/retry", .retryJob, "Try a failed or cancelled job again, with fresh attempts",
            tag: Self.tag, output: JobView.self, status: .accepted, errors: ["job_not_ended": 409], noun: "job",
            resource: resource
        ) { call in
            JobView(try await service.retry(try call.id(of: "job")))
        }
    }

    private var cancel: Route {
        .json(
            .post, "/api/jobs/{id}/cancel", .cancelJob,
            "End a job that waits or is being worked at; its photo has failed then, or stays ready if it was", tag: Self.tag,
            output: JobView.self, errors: ["job_ended": 409], noun: "job", resource: resource
        ) { call in
            JobView(try await service.cancel(try call.id(of: "job")))
        }
    }

    private var resource: Route.ResourceFinder {
        { principal, parameters in
            guard let id = JobID(parameters["id"] ?? "") else { return .house }
            return try await service.resource(principal, id)
        }
    }
}

extension Call {
    /// - Throws: `Problem` 400 `bad_query`, 404 for a session that cannot be one.
    fileprivate func filter() throws -> JobService.Filter {
        var filter = JobService.Filter()
        if let text = query["state"] {
            guard let state = JobState(rawValue: text) else {
                throw Problem.badRequest("bad_query", "state must be one of \(JobState.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            filter.state = state
        }
        if let text = query["session"] {
            guard let session = SessionID(text) else { throw Problem.notFound("session") }
            filter.session = session
        }
        return filter
    }
}
