import Core
import Foundation

extension PhotoDesk {
    /// Does the same to thousands of photos, some in each transaction; what has been done stays done whatever comes after it.
    /// - Throws: `Problem` 404 when there is no such session, 422.
    func perform(_ batch: PhotoBatch, by editor: Editor) async throws -> PhotoBatchResult {
        var progress = BatchProgress(
            id: batch.id ?? UUID(), sessionId: batch.sessionId, action: batch.action, done: 0, failed: 0, total: batch.photoIds.count)
        var results: [PhotoBatchResult.Item] = []
        let work = try await work(for: batch, by: editor)
        for start in stride(from: 0, to: batch.photoIds.count, by: Self.chunk) {
            let ids = Array(batch.photoIds[start...].prefix(Self.chunk))
            let refusals = try await attempt(ids.count) { try await work(ids, start) }
            results += zip(ids, refusals).map(PhotoBatchResult.Item.init)
            progress.failed += refusals.count { $0 != nil }
            progress.done = results.count - progress.failed
            try tell(progress)
        }
        return PhotoBatchResult(
            id: progress.id, action: batch.action, done: progress.done, failed: progress.failed, results: results)
    }

    typealias Work = @Sendable (_ photos: [PhotoID], _ start: Int) async throws -> [PhotoOperation.Refusal?]

    private func work(for batch: PhotoBatch, by editor: Editor) async throws -> Work {
        let operation = try batch.operation()
        return { ids, start in
            let now = clock.now()
            return try await database.write { tx in
                guard let session = try SessionStore().find(batch.sessionId, tx) else { throw Problem.notFound("session") }
                guard let operation else { return try rerender(ids, in: session, by: editor, tx) }
                return try apply(operation, to: ids, in: session, by: editor, from: start, at: now, tx)
            }
        }
    }

    /// What could not be written because of others is said of each photo, and the rest goes on.
    private func attempt(
        _ count: Int, _ body: () async throws -> [PhotoOperation.Refusal?]
    ) async throws -> [PhotoOperation.Refusal?] {
        do {
            return try await body()
        } catch let error as DatabaseError where error.isTransient {
            return Array(repeating: .busy, count: count)
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
