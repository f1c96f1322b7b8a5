public import Core
public import Logging

/// Does what the rules of sessions say is to become of them by themselves: archives those that are expired, tells managers of what is
/// about to be deleted, deletes it in the end; has photos follow their session's time zone; and forgets who changed what when that is too long ago.
///
/// When something is next due stands with each session. Several nodes may do it beside each other: each decides anew, in a
/// transaction, whether it is still to be done.
public struct SessionKeeper: Sendable {
    let service: SessionService
    let managers: any SessionManagers
    let logger: Logger
    /// How long it is known who changed what.
    let auditRetention: Duration
    private let sessions = SessionStore()

    /// How often it looks, and sessions looked at in one statement.
    private static let (pause, page) = (Duration.seconds(30), 100)
    /// Lines of the log that are forgotten in one transaction.
    private static let forgotten = 5000

    public init(
        _ service: SessionService, managers: any SessionManagers, logger: Logger,
        auditRetention: Duration = .seconds(365 * 86_400)
    ) {
        self.service = service
        self.managers = managers
        self.logger = logger
        self.auditRetention = auditRetention
    }

    /// Looks after sessions until cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await keep()
                try await service.retimeAll()
                try await forget()
            } catch is CancellationError { return } catch {
                logger.error("sessions could not be looked after; trying again", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Does all that is due. What is wrong with one session keeps no other waiting.
    func keep() async throws {
        var last: Cursor?
        repeat {
            let now = service.clock.now()
            let due = try await service.database.read { [last] tx in try sessions.due(at: now, after: last, limit: Self.page, tx) }
            for (id, _) in due {
                do { try await service.database.write { tx in try attend(to: id, tx) } } catch let error where !(error is CancellationError) {
                    logger.error("a session could not be looked after; trying again", metadata: ["session": "\(id)", "error": "\(error)"])
                }
            }
            last = due.count == Self.page ? due.last.map { Cursor(key: $0.at.milliseconds, id: $0.id.description) } : nil
        } while last != nil
    }

    private func attend(to id: SessionID, _ tx: any Transaction) throws {
        let now = service.clock.now()
        guard let session = try sessions.find(id, tx) else { return }
        guard let next = session.nextFate, next.at <= now else { return try sessions.update(session, tx) }
        switch next.fate {
        case .archived: _ = try service.change(id, as: "session_archived", by: nil, at: now, tx) { try $0.archive(at: now) }
        case .warned: try warn(session, at: now, tx)
        case .deleted: try service.delete(id, by: nil, tx)
        }
    }

    private func warn(_ session: Session, at now: Timestamp, _ tx: any Transaction) throws {
        var warned = session
        warned.history.warnedAt = now
        try sessions.update(warned, tx)
        guard let end = warned.deletionAt else { return }
        let notice = ExpiryNotice(sessionId: session.id, title: session.title, deletesAt: end)
        for manager in try managers.managers(of: session.id, transaction: tx) {
            try service.events.publish(
                try DurableEvent(topic: .user(manager), type: SessionEvents.sessionExpiring, data: notice), in: tx)
        }
    }

    /// Forgets what is known of changes for too long.
    func forget() async throws {
        let oldest = service.clock.now() - auditRetention
        while try await service.database.write(.readCommitted, { tx in
            try AuditStore().forget(before: oldest, limit: Self.forgotten, tx)
        }) {}
    }
}

/// Tells who manages a session that it is about to be deleted.
struct ExpiryNotice: WireType {
    var sessionId: SessionID
    var title: String
    var deletesAt: Timestamp

    static let schema = Schema.object([
        .field("sessionId", .formatted(.uuid)), .field("title", .string(1...200)), .field("deletesAt", .formatted(.dateTime)),
    ])
}
