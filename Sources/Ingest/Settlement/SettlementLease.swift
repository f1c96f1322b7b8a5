import Core

/// Lets one node at a time settle an upload. A node that dies leaves it when its lease runs out.
struct SettlementLease: Sendable {
    /// Generous: the clocks of two nodes may differ by some seconds, and a busy one may be late.
    static let duration = Duration.seconds(30)
    static let renewal = Duration.seconds(8)

    let store: UploadStore
    let clock: any WallClock
    /// Names this process among all that ever were.
    let holder: String

    /// Runs the body if nobody else has the upload.
    func hold(_ id: UploadID, _ body: () async throws -> Void) async throws {
        guard try await take(id) else { return }
        let renewing = Task {
            while true {
                try await Task.sleep(for: Self.renewal)
                _ = try? await take(id)
            }
        }
        defer { renewing.cancel() }
        do { try await body() } catch {
            // Whoever comes first may try again at once.
            try? await store.release(id, by: holder)
            throw error
        }
    }

    private func take(_ id: UploadID) async throws -> Bool {
        let now = clock.now()
        return try await store.lease(id, to: holder, at: now, until: now + Self.duration)
    }
}
