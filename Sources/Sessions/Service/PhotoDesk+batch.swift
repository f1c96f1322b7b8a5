import Core
import Foundation

extension PhotoDesk {
    /// Does the same to thousands of photos, some in each transaction; what has been done stays done whatever comes after it.
    /// - Throws: `Problem` 404 when there is no such session, 422.
    func perform(_ batch: PhotoBatch, by principal: Principal) async throws -> PhotoBatchResult {
        var progress = BatchProgress(
            id: batch.id ?? UUID(), sessionId: batch.sessionId, action: batch.action, done: 0, failed: 0, total: batch.photoIds.count)
        var results: [PhotoBatchResult.Item] = []
        if batch.action == .download { return try await archive(batch, progress, by: principal) }
        let work = try work(for: batch, by: principal)
        let photos = batch.photoIds.uniqued()
        progress.total = photos.count
        for start in stride(from: 0, to: photos.count, by: Self.chunk) {
            let ids = Array(photos[start...].prefix(Self.chunk))
            let refusals = try await attempt(ids.count, isFirst: start == 0) { try await work(ids, start) }
            results += zip(ids, refusals).map(PhotoBatchResult.Item.init)
            progress.failed += refusals.count { $0 != nil }
            progress.done = results.count - progress.failed
            try tell(progress)
        }
        return PhotoBatchResult(
            id: progress.id, action: batch.action, done: progress.done, failed: progress.failed, results: results)
    }

    typealias Work = @Sendable (_ photos: [PhotoID], _ start: Int) async throws -> [PhotoOperation.Refusal?]

    /// What they may is looked at in every transaction: thousands of photos take a while, and rights may end meanwhile.
    private func work(for batch: PhotoBatch, by principal: Principal) throws -> Work {
        let operation = try batch.operation()
        let target = batch.action == .move ? try batch.needed(batch.targetSessionId, "targetSessionId") : nil
        return { ids, start in
            let now = clock.now()
            let room = if let target { try await self.room.room(in: target) } else { UploadQuota.unlimited }
            return try await database.write { tx in
                let (session, editor) = try require(principal, .editPhoto, in: batch.sessionId, tx)
                if let target {
                    let other = try require(principal, .receivePhotos, in: target, tx).session
                    return try move(ids, from: session, to: other, within: room, by: editor, at: now, tx)
                }
                return switch batch.action {
                case .rerender: try rerender(ids, in: session, by: editor, tx)
                case .destroy: try destroy(ids, in: session, by: editor, tx)
                default: try operation.map { try apply($0, to: ids, in: session, by: editor, from: start, at: now, tx) } ?? []
                }
            }
        }
    }

    private func require(
        _ principal: Principal, _ action: Action, in id: SessionID, _ tx: any Transaction
    ) throws -> (session: Session, editor: Editor) {
        let resource = try SessionDoor(service).held(principal, id, tx)
        try Policy.require(principal, action, resource, what: "session")
        guard case .session(_, let held) = resource else { throw Problem.notFound("session") }
        return (try find(id, tx), Editor(principal: principal, rights: principal.role == .admin ? .owner : held))
    }

    private func find(_ id: SessionID, _ tx: any Transaction) throws -> Session {
        guard let session = try SessionStore().find(id, tx) else { throw Problem.notFound("session") }
        return session
    }

    /// Keeps the choice of those that the session has, and says where their archive is.
    private func archive(_ batch: PhotoBatch, _ progress: BatchProgress, by principal: Principal) async throws -> PhotoBatchResult {
        let now = clock.now()
        let (found, path) = try await database.write { tx in
            let (session, editor) = try require(principal, .editPhoto, in: batch.sessionId, tx)
            let choices = ArchiveChoiceStore(grants: audit.grants)
            let found = Set(try choices.present(batch.photoIds, in: session.id, tx))
            let name = try choices.insert(Array(found), in: session.id, by: ArchiveChooser(editor.principal), at: now, tx)
            let token = try photos.mediaTokens.token(of: editor.principal, in: session, rights: editor.rights, tx)
            return (found, "/api/sessions/\(session.id)/archive?selection=\(name)" + (token.map { "&grant=\($0)" } ?? ""))
        }
        var result = PhotoBatchResult(
            id: progress.id, action: batch.action, done: 0, failed: 0,
            results: batch.photoIds.map { .init($0, found.contains($0) ? nil : .notFound) })
        result.failed = result.results.count { $0.code != nil }
        result.done = result.results.count - result.failed
        result.archive = found.isEmpty ? nil : path
        return result
    }

    /// What could not be written because of others, or may be written no more, is said of each photo, and the rest goes on.
    /// - Parameter isFirst: nothing has been done yet: whoever may not do it is told so.
    private func attempt(
        _ count: Int, isFirst: Bool, _ body: () async throws -> [PhotoOperation.Refusal?]
    ) async throws -> [PhotoOperation.Refusal?] {
        do {
            return try await body()
        } catch let error as DatabaseError where error.isTransient {
            return Array(repeating: .busy, count: count)
        } catch is Problem where !isFirst {
            return Array(repeating: .forbidden, count: count)
        }
    }

    private func tell(_ progress: BatchProgress) throws {
        events.send(
            try EphemeralEvent(
                topic: .desk(progress.sessionId), type: SessionEvents.batchProgress, key: progress.id.uuidString, data: progress,
                at: clock.now()))
    }

    /// Has photos derived anew, whatever there is of them.
    private func rerender(
        _ ids: [PhotoID], in session: Session, by editor: Editor, _ tx: any Transaction
    ) throws -> [PhotoOperation.Refusal?] {
        let found = Dictionary(uniqueKeysWithValues: try PhotoStore().find(ids, in: session.id, tx).map { ($0.id, $0) })
        return try ids.map { id in
            guard let photo = found[id] else { return .notFound }
            guard editor.may(.restore, photo) else { return .forbidden }
            return try photos.intake.deriveAnew(photo, tx) ? nil : .processing
        }
    }
}

extension Array where Element: Hashable {
    /// Each element once, in order.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
