import Core
import NIOCore

/// Measures how fast a body comes, in the time that the server spends waiting for it.
struct BodyClock: Equatable {
    /// Since when a read is open that nothing has answered.
    private(set) var waitingSince: NIODeadline?
    private var waited = TimeAmount.zero
    private var bytes = 0

    mutating func readIssued(at now: NIODeadline) { if waitingSince == nil { waitingSince = now } }

    /// Forgets the waiting so far: it was not the client's doing.
    mutating func restart(at now: NIODeadline) { if waitingSince != nil { waitingSince = now } }

    /// Returns whether the body is fast enough.
    mutating func arrived(_ count: Int, at now: NIODeadline, _ limits: ConnectionLimits) -> Bool {
        if let since = waitingSince { waited = waited + (now - since) }
        waitingSince = nil
        bytes += count
        if waited < limits.bodyRateWindow { return true }
        let isFastEnough = Double(bytes) * 1e9 >= Double(limits.minimumBodyRate) * Double(waited.nanoseconds)
        waited = .zero
        bytes = 0
        return isFastEnough
    }
}

/// Measures how long the socket has not taken anything although something is waiting.
struct WriteClock: Equatable {
    /// Bytes the socket has taken so far.
    private var taken = 0
    private(set) var stalledSince: NIODeadline?
    private var lookedAt: NIODeadline?

    /// - Parameters:
    ///   - taken: bytes the socket has taken since the connection began.
    ///   - pending: bytes that wait for it.
    mutating func looked(taken: Int, pending: Int, at now: NIODeadline) {
        if pending == 0 {
            stalledSince = nil
        } else if stalledSince == nil || taken > self.taken {
            stalledSince = now
        }
        lookedAt = now
        self.taken = taken
    }

    /// When to look again: often enough to know within a quarter of the limit when progress ended.
    func nextLook(_ limits: ConnectionLimits) -> NIODeadline? {
        guard let stalledSince, let lookedAt else { return nil }
        let quarter = TimeAmount.nanoseconds(max(1, limits.writeStall.nanoseconds / 4))
        return min(stalledSince + limits.writeStall, lookedAt + quarter)
    }

    func isStalled(at now: NIODeadline, _ limits: ConnectionLimits) -> Bool {
        stalledSince.map { now >= $0 + limits.writeStall } ?? false
    }
}

/// Why a connection was cut off.
enum Cut: String, Equatable {
    case idle
    case slowHead = "slow_head"
    case stalledBody = "stalled_body"
    case slowBody = "slow_body"
    case stalledReader = "stalled_reader"
    case slowUpgrade = "slow_upgrade"
    case lingered
}

extension ConnectionMachine {
    // MARK: Bytes

    enum BytesAction: Equatable {
        case decode
        case discard
        case refuse(Problem)
        case cut(Cut)
    }

    /// Bytes came from the client.
    mutating func arrived(_ count: Int, at now: NIODeadline) -> BytesAction {
        switch state {
        case .awaitingHead(let until, let bytes): return arrived(count, ofHead: bytes, until, now)
        case .exchanging(var exchange):
            var isFastEnough = true
            if exchange.isRequestComplete {
                exchange.surplus += count
            } else {
                isFastEnough = exchange.body.arrived(count, at: now, limits)
            }
            state = .exchanging(exchange)
            return isFastEnough ? .decode : .cut(.slowBody)
        case .lingering(let until, let budget):
            state = .lingering(until: until, budget: budget - count)
            return .discard
        case .finishing: return .discard
        case .deciding, .released: return .decode
        }
    }

    private mutating func arrived(_ count: Int, ofHead bytes: Int, _ until: NIODeadline, _ now: NIODeadline) -> BytesAction {
        if bytes > limits.incompleteHeadBytes {
            state = .finishing
            return .refuse(.headTooLarge)
        }
        // A connection's first head is due from the beginning; later ones from their first byte.
        let deadline = bytes == 0 ? min(until, now + limits.head) : until
        state = .awaitingHead(until: deadline, bytes: bytes + count)
        return .decode
    }

    /// Whether the socket is to be read for the decoder now.
    mutating func mayRead(holdsMore: Bool, at now: NIODeadline) -> Bool {
        switch state {
        case .awaitingHead: return true
        case .exchanging(var exchange):
            if exchange.isRequestComplete { return !holdsMore && exchange.surplus == 0 }
            exchange.body.readIssued(at: now)
            state = .exchanging(exchange)
            return true
        case .deciding, .finishing, .lingering: return false
        case .released: return true
        }
    }

    /// Whether the socket is to be read only to throw away what comes.
    var mayDrain: Bool { if case .lingering(_, let budget) = state { budget > 0 } else { false } }

    // MARK: Time

    enum TimeAction: Equatable {
        case wait
        case cut(Cut)
        case refuse(Problem)
    }

    /// When `timePassed` has something to decide at the earliest.
    var nextDeadline: NIODeadline? {
        guard let stateDeadline else { return writes.nextLook(limits) }
        return writes.nextLook(limits).map { min($0, stateDeadline) } ?? stateDeadline
    }

    private var stateDeadline: NIODeadline? {
        switch state {
        case .awaitingHead(let until, _), .deciding(_, let until), .lingering(let until, _): until
        case .exchanging(let exchange):
            if exchange.isRequestComplete || exchange.awaitsContinue { nil } else {
                exchange.body.waitingSince.map { $0 + limits.bodyInactivity }
            }
        case .finishing, .released: nil
        }
    }

    /// Call `writes.looked` first.
    mutating func timePassed(at now: NIODeadline) -> TimeAction {
        if writes.isStalled(at: now, limits) { return .cut(.stalledReader) }
        guard let deadline = stateDeadline, now >= deadline else { return .wait }
        switch state {
        case .awaitingHead(_, let bytes):
            if bytes == 0 {
                guard writes.stalledSince != nil else { return .cut(.idle) }
                // The answer before is on its way still, however slowly the client takes it.
                state = .awaitingHead(until: now + limits.idle, bytes: 0)
                return .wait
            }
            state = .finishing
            return .refuse(Problem(408, "slow_request", "The request's head took too long."))
        case .exchanging: return .cut(.stalledBody)
        case .deciding:
            state = .finishing
            return .refuse(.unavailable("slow_upgrade", "The upgrade could not be decided in time."))
        case .lingering: return .cut(.lingered)
        case .finishing, .released: return .wait
        }
    }
}

extension Problem {
    static let headTooLarge = Problem(431, "header_too_large", "The header fields of the request are too large.")
}
