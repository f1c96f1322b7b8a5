import Core

/// Lets one node at a time settle an upload. Its holder renews the lease; a node that dies stops doing so, and others
/// see that by their own clocks, whatever the dead one's clock said.
struct SettlementLease: Sendable {
    /// Between two renewals.
    static let renewal = Duration.seconds(2)

    let store: UploadStore
    let clock: any WallClock
    /// Names this process among all that ever were.
    let holder: String
    /// What the other nodes are seen to do.
    let watch: LeaseWatch

    /// Runs the body if nobody else has the upload, and gives it back.
    func hold(_ id: UploadID, _ body: () async throws -> Void) async throws {
        guard try await take(id) else { return }
        let renewing = Task {
            while true {
                try await Task.sleep(for: Self.renewal)
                _ = try? await take(id)
            }
        }
        do { try await body() } catch {
            await giveBack(id, renewing)
            throw error
        }
        await giveBack(id, renewing)
    }

    /// A failure leaves it to others to find that nobody renews it.
    private func giveBack(_ id: UploadID, _ renewing: Task<Void, any Error>) async {
        renewing.cancel()
        // One that is under way must not come after.
        _ = await renewing.result
        try? await store.release(id, by: holder)
    }

    private func take(_ id: UploadID) async throws -> Bool {
        try await store.lease(id, to: holder, from: watch.abandoned(id), at: clock.now())
    }
}

/// A lease as a row shows it: whoever renews it changes it.
struct LeaseMark: Sendable, Equatable {
    /// Empty before anybody has settled the upload.
    var settler: String
    /// When it was renewed, by the clock of the settler; zero when it has been given back.
    var renewedAt: Timestamp

    /// Whether somebody must be doing something about it: holding it, or beginning for the first time. What has failed
    /// waits for the sweep instead.
    var isUrgent: Bool { renewedAt != Self.givenBack || settler.isEmpty }

    static let givenBack = Timestamp(milliseconds: 0)
}
