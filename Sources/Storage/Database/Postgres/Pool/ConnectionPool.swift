import Core
import Logging
import Synchronization

/// A bounded number of connections, each on its thread, and the jobs that wait for one. Nobody who calls it is blocked.
final class ConnectionPool: Sendable {
    /// What a connection does next.
    enum Turn { case run(PooledJob), park, close }

    private struct State {
        var machine: PoolMachine
        var waiting: [UInt64: PooledJob] = [:]
        var connections: [Int: PooledConnection] = [:]
        /// Why the last attempt to connect failed; `nil` while all is well.
        var lastError: (any Error)?
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    let address: PostgresAddress
    let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let clock = Mutex<Task<Void, Never>?>(nil)
    private let lossCount = Atomic(0)

    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration, logger: Logger) {
        self.address = address
        self.configuration = configuration
        self.logger = logger
        let limits = PoolMachine.Limits(
            connections: max(1, configuration.connections), waiting: max(1, configuration.waitingLimit),
            acquire: configuration.acquireTimeout, idle: configuration.idleTimeout, lifetime: configuration.maxLifetime)
        state = Mutex(State(machine: PoolMachine(limits)))
        let ticking = Task { [weak self] in
            while (try? await Task.sleep(for: .milliseconds(100), tolerance: .milliseconds(50))) != nil, let self { self.tick() }
        }
        clock.withLock { $0 = ticking }
    }

    deinit { clock.withLock { $0 }?.cancel() }

    // MARK: Jobs

    /// Takes a job; it is answered from a connection's thread, or at once when it cannot be served.
    func submit(_ job: PooledJob) {
        let (refusal, connection) = state.withLock { state -> ((any Error)?, PooledConnection?) in
            switch state.machine.arrive(job.ticket.number, now: .now) {
            case .refuse(let refusal): return (error(for: refusal, state), nil)
            case .serve(let slot): return (nil, state.connections[slot])
            case .wait(let slot):
                state.waiting[job.ticket.number] = job
                if let slot { open([slot], &state) }
                return (nil, nil)
            }
        }
        if let refusal { job.fail(refusal) }
        connection?.run(job)
    }

    /// Takes a job back that lost its connection before anything can have taken effect.
    func again(_ job: PooledJob) {
        let connection = state.withLock { state -> PooledConnection? in
            if let slot = state.machine.rejoin(job.ticket.number, until: job.deadline) { return state.connections[slot] }
            state.waiting[job.ticket.number] = job
            return nil
        }
        connection?.run(job)
    }

    /// Stops a job that waits or runs; does nothing when it is over.
    func cancel(_ ticket: Ticket) {
        switch ticket.cancel() {
        case .running(let interruption): interruption.cancel(ticket.number)
        case .waiting:
            let job = state.withLock { state in
                state.machine.withdraw(ticket.number) ? state.waiting.removeValue(forKey: ticket.number) : nil
            }
            job?.fail(CancellationError())
        }
    }

    /// Connections that work, free ones, and jobs that wait.
    var usage: (busy: Int, free: Int, waiting: Int) { state.withLock { $0.machine.usage } }

    /// Whether no more jobs are taken.
    var isClosing: Bool { state.withLock { $0.machine.isClosing } }

    /// Serves those who wait, takes no more, and returns when all connections are closed.
    func close() async {
        let closing = state.withLock { state in
            state.machine.shutDown().closing.compactMap { state.connections[$0] }
        }
        for connection in closing { connection.close() }
        await withCheckedContinuation { closer in
            change { state in
                state.closers.append(closer)
                return PoolMachine.Chores()
            }
        }
        clock.withLock { $0 }?.cancel()
    }

    // MARK: Connections, from their threads

    func opened(_ slot: Int) -> Turn {
        let hadFailed = state.withLock { state in
            defer { state.lastError = nil }
            return state.lastError != nil
        }
        if hadFailed { logger.info("the database is back", metadata: ["server": "\(address)"]) }
        return turn { $0.machine.opened(slot, now: .now) }
    }

    func released(_ slot: Int) -> Turn { turn { $0.machine.released(slot, now: .now) } }

    func closed(_ slot: Int) {
        change { state in
            state.connections[slot] = nil
            return state.machine.closed(slot, now: .now)
        }
    }

    func failedToOpen(_ slot: Int, _ error: any Error) {
        let isFirst = state.withLock { state in
            defer { state.lastError = error }
            return state.lastError == nil
        }
        if isFirst {
            logger.warning("no connection to the database", metadata: ["server": "\(address)", "error": "\(error)"])
        }
        change { state in
            state.connections[slot] = nil
            return state.machine.failedToOpen(slot, now: .now, jitter: .random(in: 0...1))
        }
    }

    /// Connections that broke while they were used.
    var losses: Int { lossCount.load(ordering: .relaxed) }

    func noteLoss() { lossCount.add(1, ordering: .relaxed) }

    private func turn(_ decide: (inout State) -> (turn: PoolMachine.Turn, chores: PoolMachine.Chores)) -> Turn {
        var next = Turn.park
        change { state in
            let (turn, chores) = decide(&state)
            switch turn {
            case .park: next = .park
            case .close: next = .close
            // Who stands in the machine's line is in `waiting`.
            case .serve(let number): next = state.waiting.removeValue(forKey: number).map(Turn.run) ?? .close
            }
            return chores
        }
        return next
    }

    // MARK: Chores

    private func tick() {
        let now = ContinuousClock.now
        let connections = state.withLock { Array($0.connections.values) }
        for connection in connections { connection.sever(now: now) }
        change { $0.machine.tick(now: now) }
    }

    /// Changes the state, and then does what follows from it.
    private func change(_ body: (inout State) -> PoolMachine.Chores) {
        let (failing, closing, closers) = state.withLock { state in
            let chores = body(&state)
            open(chores.opening, &state)
            let expired = chores.expired.compactMap { state.waiting.removeValue(forKey: $0) }
            let stranded = chores.stranded.compactMap { state.waiting.removeValue(forKey: $0) }
            let failing = expired.map { ($0, Core.DatabaseError.busy as any Error) }
                + stranded.map { ($0, error(for: .unavailable, state)) }
            var closers: [CheckedContinuation<Void, Never>] = []
            if state.machine.isDrained { swap(&closers, &state.closers) }
            return (failing, chores.closing.compactMap { state.connections[$0] }, closers)
        }
        for (job, error) in failing { job.fail(error) }
        for connection in closing { connection.close() }
        for closer in closers { closer.resume() }
    }

    private func open(_ slots: [Int], _ state: inout State) {
        for slot in slots {
            let connection = PooledConnection(slot: slot)
            state.connections[slot] = connection
            connection.start(for: self)
        }
    }

    private func error(for refusal: PoolMachine.Refusal, _ state: State) -> any Error {
        switch refusal {
        case .busy: Core.DatabaseError.busy
        case .closed: Core.DatabaseError.closed
        case .unavailable: state.lastError ?? Core.DatabaseError.unreachable
        }
    }
}
