import Core
import Dispatch
import Foundation
import Synchronization

/// One place of the pool: a thread with a connection of its own, which goes from job to job.
final class PooledConnection: Sendable {
    private enum Message { case run(PooledJob), close }

    let slot: Int
    private let mail = Mutex<Message?>(nil)
    private let bell = DispatchSemaphore(value: 0)
    private let interruption = Mutex<Interruption?>(nil)

    init(slot: Int) { self.slot = slot }

    /// Connects on a new thread and works for a pool until it is told to close.
    func start(for pool: ConnectionPool) {
        let thread = Thread { [self] in work(for: pool) }
        thread.name = "lumiere.postgres"
        thread.start()
    }

    /// Hands a job to a parked connection.
    func run(_ job: PooledJob) { post(.run(job)) }

    /// Closes a parked connection.
    func close() { post(.close) }

    /// Breaks the connection when its statement runs for longer than the server would let it.
    func sever(now: ContinuousClock.Instant) { interruption.withLock { $0 }?.sever(now: now) }

    private func post(_ message: Message) {
        mail.withLock { $0 = message }
        bell.signal()
    }

    private func receive() -> Message? {
        bell.wait()
        return mail.withLock { mail in
            defer { mail = nil }
            return mail
        }
    }

    // MARK: On the thread

    private func work(for pool: ConnectionPool) {
        do {
            // The connection is closed before the pool forgets its place.
            do {
                let connection = try PostgresConnection(pool.address, pool.configuration)
                interruption.withLock { $0 = connection.interruption }
                serve(connection, for: pool)
            }
            interruption.withLock { $0 = nil }
            pool.closed(slot)
        } catch {
            pool.failedToOpen(slot, error)
        }
    }

    private func serve(_ connection: PostgresConnection, for pool: ConnectionPool) {
        var turn = pool.opened(slot)
        var proof = Proof(of: pool)
        while true {
            switch turn {
            case .run(let job): perform(job, on: connection, for: pool)
            case .close: return
            case .park:
                guard case .run(let job) = receive() else { return }
                // While it was parked, the server may have closed it.
                guard proof.holds(for: pool) || connection.isAlive else { return pool.again(job) }
                perform(job, on: connection, for: pool)
            }
            guard !connection.isRetired else { return }
            proof = Proof(of: pool)
            turn = pool.released(slot)
        }
    }

    /// That a connection was alive a moment ago, which spares a look at it. Should it be dead after all, its job goes to
    /// another one, like any that is lost before the commit.
    private struct Proof {
        private let moment = ContinuousClock.now
        /// The server may close all connections at once: what was proved before a loss says nothing any more.
        private let losses: Int

        init(of pool: ConnectionPool) { losses = pool.losses }

        func holds(for pool: ConnectionPool) -> Bool { losses == pool.losses && .now - moment < .seconds(1) }
    }

    private func perform(_ job: PooledJob, on connection: PostgresConnection, for pool: ConnectionPool) {
        guard case .lost(let error) = job.run(connection) else { return }
        pool.noteLoss()
        var job = job
        job.losses += 1
        if job.losses > 1 { job.fail(error) } else { pool.again(job) }
    }
}
