import Core

extension PhotoDesk {
    /// Puts the photos of each burst into a stack. What somebody has stacked by hand stays as it is.
    /// - Parameter window: the longest pause within a burst.
    /// - Returns: how many stacks there are now that were not there before, and photos in them.
    /// - Throws: `Problem` 404.
    func stackBursts(of id: SessionID, within window: Duration, by editor: Editor) async throws -> StackResult {
        var (bursts, after, result) = (Bursts(window: window), PhotoCursor?.none, StackResult(stacks: 0, photos: 0))
        var isMore = true
        while isMore {
            let page = try await shots(of: id, after: after)
            for shot in page.shots {
                if let burst = bursts.add(shot) { try await stack(burst, in: id, by: editor, &result) }
            }
            (after, isMore) = (page.last, page.last != nil)
        }
        if let burst = bursts.end() { try await stack(burst, in: id, by: editor, &result) }
        return result
    }

    private func stack(_ burst: [Bursts.Shot], in id: SessionID, by editor: Editor, _ result: inout StackResult) async throws {
        let (head, ids, now) = (Bursts.head(of: burst), burst.map(\.id), clock.now())
        let refusals = try await database.write { tx in
            guard let session = try SessionStore().find(id, tx) else { throw Problem.notFound("session") }
            return try apply(.stack(head), to: ids, in: session, by: editor, from: 0, at: now, tx)
        }
        result.stacks += 1
        result.photos += refusals.count { $0 == nil }
    }

    /// Photos in the order of capture times that are in no stack yet.
    private func shots(of id: SessionID, after: PhotoCursor?) async throws -> (shots: [Bursts.Shot], last: PhotoCursor?) {
        var query = PhotoQuery()
        (query.sort, query.kind) = (.taken, .photo)
        let page = try await database.read { [query] tx in
            guard try SessionStore().find(id, tx) != nil else { throw Problem.notFound("session") }
            return try store.list(id, query, onlyShown: false, after: after, limit: 500, tx)
        }
        let shots = page.filter { $0.curation.stackID == nil }.map {
            Bursts.Shot(id: $0.id, takenAt: $0.takenAt, hash: $0.facts?.perceptualHash, rating: $0.curation.rating)
        }
        return (shots, page.count == 500 ? page.last.map { PhotoCursor(after: $0, in: .taken) } : nil)
    }
}

/// What has been stacked.
struct StackResult: WireType, Equatable {
    var stacks: Int
    var photos: Int

    static let schema = Schema.object([
        .field("stacks", .integer(0...Int64.max), "Stacks that are new."), .field("photos", .integer(0...Int64.max), "Photos in them."),
    ])
}
