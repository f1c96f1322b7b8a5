import Core

/// Who holds which upload in this process. The newest request wins: older ones are asked to let go, and waited for.
/// (Between processes the generation in the database decides.)
actor TransferRegistry {
    private struct Holder {
        var ticket: Int
        var revocation: Revocation
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    }

    private var holders: [UploadID: Holder] = [:]
    private var lastTicket = 0
    /// Who waits for the last holder to let go.
    private var leavers: [Int: CheckedContinuation<Void, Never>] = [:]
    private var transfers: TransferCount
    private let timeout: Duration
    private let clock: any Clock<Duration>

    init(timeout: Duration, transfers: TransferCount, clock: any Clock<Duration> = ContinuousClock()) {
        self.timeout = timeout
        self.transfers = transfers
        self.clock = clock
    }

    /// Uploads that are held now.
    var count: Int { holders.count }

    /// Holds an upload while the body runs.
    /// - Parameter uploader: who sends bytes, for those requests are limited in number; `nil` when none will come.
    /// - Throws: `Problem` 423 when the older request does not let go in time, or a newer one came; 429 or 503 when there
    ///   are too many.
    nonisolated func hold<Value: Sendable>(
        _ id: UploadID, _ revocation: Revocation, receivingFrom uploader: Uploader? = nil,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let ticket = try await acquire(id, revocation, uploader)
        do {
            let value = try await body()
            await release(id, ticket, uploader)
            return value
        } catch {
            await release(id, ticket, uploader)
            throw error
        }
    }

    private func acquire(_ id: UploadID, _ revocation: Revocation, _ uploader: Uploader?) async throws -> Int {
        if let uploader { try transfers.begin(uploader) }
        lastTicket += 1
        let ticket = lastTicket
        while let holder = holders[id] {
            guard holder.ticket < ticket, !revocation.isRevoked else { throw refusal(uploader) }
            holder.revocation.revoke()
            guard await wait(for: id, ticket) else { throw refusal(uploader) }
        }
        holders[id] = Holder(ticket: ticket, revocation: revocation)
        return ticket
    }

    private func refusal(_ uploader: Uploader?) -> Problem {
        if let uploader { transfers.end(uploader) }
        return TusMachine.locked
    }

    /// Whether the holder let go in time.
    private func wait(for id: UploadID, _ ticket: Int) async -> Bool {
        let alarm = Task { [clock, timeout] in
            try? await clock.sleep(for: timeout)
            self.giveUp(id, ticket)
        }
        defer { alarm.cancel() }
        return await withCheckedContinuation { holders[id]?.waiters[ticket] = $0 }
    }

    private func giveUp(_ id: UploadID, _ ticket: Int) {
        holders[id]?.waiters.removeValue(forKey: ticket)?.resume(returning: false)
    }

    private func release(_ id: UploadID, _ ticket: Int, _ uploader: Uploader?) {
        if let uploader { transfers.end(uploader) }
        guard let holder = holders[id], holder.ticket == ticket else { return }
        holders[id] = nil
        for waiter in holder.waiters.values { waiter.resume(returning: true) }
        if holders.isEmpty { for leaver in leavers.keys { leave(leaver) } }
    }

    /// Waits until nothing is held, but not longer than that.
    func idle(within limit: Duration) async {
        if holders.isEmpty { return }
        lastTicket += 1
        let ticket = lastTicket
        let alarm = Task { [clock] in
            try? await clock.sleep(for: limit)
            self.leave(ticket)
        }
        defer { alarm.cancel() }
        await withCheckedContinuation { leavers[ticket] = $0 }
    }

    private func leave(_ ticket: Int) { leavers.removeValue(forKey: ticket)?.resume() }
}
