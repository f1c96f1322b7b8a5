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
    private var transfers = 0
    private let timeout: Duration
    private let maxTransfers: Int
    private let clock: any Clock<Duration>

    init(timeout: Duration, maxTransfers: Int, clock: any Clock<Duration> = ContinuousClock()) {
        self.timeout = timeout
        self.maxTransfers = maxTransfers
        self.clock = clock
    }

    /// Uploads that are held now.
    var count: Int { holders.count }

    /// Holds an upload while the body runs.
    /// - Parameter isTransfer: whether bytes will come; those requests are limited in number.
    /// - Throws: `Problem` 423 when the older request does not let go in time, or a newer one came; 503 when there are too many.
    nonisolated func hold<Value: Sendable>(
        _ id: UploadID, _ revocation: Revocation, isTransfer: Bool, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let ticket = try await acquire(id, revocation, isTransfer: isTransfer)
        do {
            let value = try await body()
            await release(id, ticket, isTransfer: isTransfer)
            return value
        } catch {
            await release(id, ticket, isTransfer: isTransfer)
            throw error
        }
    }

    private func acquire(_ id: UploadID, _ revocation: Revocation, isTransfer: Bool) async throws -> Int {
        if isTransfer, transfers >= maxTransfers {
            throw Problem.unavailable("too_many_transfers", "Too many files are arriving; try again shortly.", retryAfter: 2)
        }
        if isTransfer { transfers += 1 }
        lastTicket += 1
        let ticket = lastTicket
        while let holder = holders[id] {
            guard holder.ticket < ticket, !revocation.isRevoked else { throw refusal(isTransfer) }
            holder.revocation.revoke()
            guard await wait(for: id, ticket) else { throw refusal(isTransfer) }
        }
        holders[id] = Holder(ticket: ticket, revocation: revocation)
        return ticket
    }

    private func refusal(_ isTransfer: Bool) -> Problem {
        if isTransfer { transfers -= 1 }
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

    private func release(_ id: UploadID, _ ticket: Int, isTransfer: Bool) {
        if isTransfer { transfers -= 1 }
        guard let holder = holders[id], holder.ticket == ticket else { return }
        holders[id] = nil
        for waiter in holder.waiters.values { waiter.resume(returning: true) }
    }
}
