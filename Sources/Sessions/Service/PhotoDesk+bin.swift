import Core
import Logging

extension PhotoDesk {
    /// How long what is in the bin can be brought back.
    static let binLifetime = Duration.seconds(30 * 86_400)

    /// Empties bins every hour until cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await emptyBins()
            } catch {
                logger.error("photos could not be removed from the bin; trying again later", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }

    /// Removes for good what has been in the bin for long enough.
    func emptyBins() async throws {
        let due = clock.now() - Self.binLifetime
        while try await removeBinned(before: due) {}
    }

    /// - Returns: whether there may be more.
    private func removeBinned(before time: Timestamp) async throws -> Bool {
        try await database.write { tx in
            let found = try store.binned(before: time, limit: Self.chunk, tx)
            try removal.remove(found, tx)
            return found.count == Self.chunk
        }
    }

    private var removal: PhotoRemoval {
        PhotoRemoval(renditions: photos.renditions, jobs: photos.intake.jobs, opinions: opinions)
    }

    /// Removes one photo for good.
    /// - Throws: `Problem` 404, 403.
    func destroy(_ id: PhotoID, by editor: Editor) async throws {
        try await database.write { tx in
            guard let photo = try store.find(id, tx), let session = try SessionStore().find(photo.sessionID, tx) else {
                throw Problem.notFound("photo")
            }
            if let refusal = try destroy([id], in: session, by: editor, tx).first ?? nil { throw refusal.problem }
        }
    }

    /// Removes photos for good, wherever they are.
    /// - Parameter ids: at most some hundreds.
    func destroy(
        _ ids: [PhotoID], in session: Session, by editor: Editor, _ tx: any Transaction
    ) throws -> [PhotoOperation.Refusal?] {
        let found = Dictionary(uniqueKeysWithValues: try store.find(ids, in: session.id, tx).map { ($0.id, $0) })
        let isAllowed = editor.rights.contains(.edit)
        if isAllowed {
            let gone = Array(found.values)
            try removal.remove(gone, tx)
            try news.removed(gone, of: session.id, tx)
            try note("photos_destroyed", gone.map(\.id), in: session.id, by: editor, tx)
        }
        return ids.map { found[$0] == nil ? .notFound : isAllowed ? nil : .forbidden }
    }
}
