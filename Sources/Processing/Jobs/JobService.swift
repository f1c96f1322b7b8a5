import Core

/// The rules of looking at jobs, trying them again and cancelling them.
struct JobService: Sendable {
    let store: JobStore
    let database: any Database
    let listener: any ProcessingListener
    let sessions: any SessionAccess
    let memberships: any SessionMemberships

    /// What a list is to show.
    struct Filter: Sendable {
        var state: JobState?
        var session: SessionID?
    }

    /// The newest jobs of the sessions whose desk the principal may see; of all sessions for an administrator.
    /// - Throws: `Problem` 403 or 404 when the filter names a session that the principal may not look into.
    func list(_ filter: Filter, for principal: Principal, after cursor: Cursor?, limit: Int) async throws -> [JobRecord] {
        if let session = filter.session {
            let resource = try await sessions.resource(principal, session)
            try Policy.require(principal, .followDesk, resource, what: "session")
        }
        return try await database.read { transaction in
            try store.list(scopes(filter, principal, transaction), after: cursor, limit: limit, in: transaction)
        }
    }

    private func scopes(_ filter: Filter, _ principal: Principal, _ transaction: any Transaction) throws -> [JobScope] {
        if filter.session == nil, principal.role == .admin {
            return (filter.state.map { [$0] } ?? JobState.allCases).map { .state($0) }
        }
        guard let user = principal.userID else { return [] }
        let among = try filter.session.map { [$0] }
            ?? memberships.sessions(of: user, holding: .desk, limit: Self.mostSessions, transaction: transaction)
        return among.map { session in filter.state.map { .both(session, $0) } ?? .session(session) }
    }

    /// Lets a failed or cancelled job try again, with fresh attempts.
    /// - Throws: `Problem` 404, 409 `job_not_ended`.
    func retry(_ id: JobID) async throws -> JobRecord {
        try await database.write { transaction in
            guard let job = try store.job(id, in: transaction) else { throw Problem.notFound("job") }
            guard try store.requeue(id, in: transaction) else {
                throw Problem.conflict("job_not_ended", "Only a job that failed or was cancelled can be tried again.")
            }
            let record = try record(id, transaction)
            // The photo lacks nothing without what comes after everything else.
            if !record.priority.isExtra { try listener.requeued(job, in: transaction) }
            return record
        }
    }

    /// Ends a job that waits or is being worked at. Its photo has failed then, unless it was ready before: it keeps what it has.
    /// - Throws: `Problem` 404, 409 `job_ended`.
    func cancel(_ id: JobID) async throws -> JobRecord {
        try await database.write { transaction in
            guard let job = try store.job(id, in: transaction) else { throw Problem.notFound("job") }
            guard try store.cancel(id, in: transaction) else {
                throw Problem.conflict("job_ended", "Only a job that waits or is being worked at can be cancelled.")
            }
            let record = try record(id, transaction)
            // Without what comes after everything else, the photo is what it was.
            if record.state == .cancelled, !record.priority.isExtra { try listener.failed(job, .cancelled, in: transaction) }
            return record
        }
    }

    /// What the actions on a job are decided on.
    func resource(_ principal: Principal, _ id: JobID) async throws -> Resource {
        if principal == .anonymous { return .house }
        let session = try await database.read { try store.find(id, in: $0)?.sessionID }
        guard let session else { return .house }
        return try await sessions.resource(principal, session)
    }

    private func record(_ id: JobID, _ transaction: any Transaction) throws -> JobRecord {
        guard let record = try store.find(id, in: transaction) else { throw Problem.notFound("job") }
        return record
    }

    /// Those joined last; the jobs of others are found by the filter.
    private static let mostSessions = 1000
}
