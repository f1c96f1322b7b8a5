import Core
import Logging
import NIOCore
import Sockets

/// Lets a client of Socket.IO in: finds out who it is and, if it comes back, what it missed.
struct SocketIOAdmission: Sendable {
    let namespace: SocketIONamespace
    let token: String?
    let recovery: SocketRecovery?
    /// How far the client has heard of its own topic, for when nothing else is recovered.
    let place: TopicPlace?
    let house: WireHouse
    let recoveries: Recoveries
    let visitor: NIOLoopBound<SocketIOVisitor>

    func run() async {
        do {
            if house.connections.isFull { throw Problem.tooManyConnections }
            let identity = try await house.authenticator.identity(bearer: token)
            if let recovery, try await recover(recovery, identity) { return }
            try await onLoop { visitor in
                let wire = try visitor.prepare(namespace, identity, nil, pid: nil).value
                do { try visitor.admit(wire) } catch {
                    wire.ended(isLost: false)
                    throw error
                }
                // Stock clients name it again until they have got something newer.
                if let seen = recovery?.seen { wire.connection.hasSeen(seen) }
                wire.connection.followSelf(from: place)
            }
        } catch is CancellationError {
        } catch {
            await refuse(error)
        }
    }

    private func refuse(_ error: any Error) async {
        var problem = (error as? Problem) ?? .internalError
        if let error = error as? DatabaseError, error.isTransient {
            problem = .databaseUnavailable
        } else if !(error is Problem) {
            house.logger.error("a client could not be let in", metadata: ["error": "\(error)"])
        }
        let answer = problem
        try? await onLoop { $0.refuse(namespace, answer) }
    }

    // MARK: Recovery

    /// Lets the client in as what it was, with all that it missed. Whoever cannot be given all of it starts over.
    /// - Returns: whether it was let in.
    private func recover(_ recovery: SocketRecovery, _ identity: Identity) async throws -> Bool {
        guard let seen = recovery.seen,
            let entry = try await recoveries.claim(
                recovery.pid, if: { $0.namespace == namespace && $0.memory.principal.isSamePerson(as: identity.principal) })
        else { return false }
        do {
            return try await restore(entry, recovery.pid, after: seen, identity)
        } catch {
            // It may try again.
            recoveries.left(recovery.pid, entry)
            throw error
        }
    }

    private func restore(
        _ entry: RecoveryBook.Entry, _ pid: String, after seen: Int64, _ identity: Identity
    ) async throws -> Bool {
        let memory = entry.memory
        guard memory.epoch == house.broker.epoch, try await mayStillFollow(memory, identity.principal) else { return false }
        // Followed first and read afterwards: what comes in between waits in the subscriptions, so there is no gap.
        let wire = try await onLoop { try $0.prepare(namespace, identity, entry, pid: pid) }
        do {
            let wishes = memory.places.map { (topic: $0.key, since: Optional($0.value.since(seen))) }
            let found = try await house.reads.read { try await TopicRecovery(broker: house.broker).read(wishes) }
            // Asked again: should a new history have begun meanwhile, what was read is of no use.
            let isComplete = found.isComplete && memory.epoch == house.broker.epoch
            let mayGoOn = isComplete ? try await arrive(memory, identity.principal) : false
            return try await onLoop { visitor in
                let wire = wire.value
                guard mayGoOn, !wire.connection.hasOverflowed else {
                    wire.ended(isLost: false)
                    return false
                }
                try visitor.admit(wire)
                wire.connection.goLive(Array(memory.places.keys), found)
                wire.connection.followSelf(from: place)
                return true
            }
        } catch {
            try? await wire.eventLoop.submit { wire.value.ended(isLost: false) }.get()
            throw error
        }
    }

    /// Whether everything that the client followed is still open to it.
    private func mayStillFollow(_ memory: ClientMemory, _ principal: Principal) async throws -> Bool {
        // A grant that was taken back meanwhile still says what it was for.
        guard memory.entries.values.allSatisfy(house.holds) else { return false }
        do {
            for topic in memory.places.keys {
                try await house.authorize(memory.follower(of: topic, principal), toFollow: topic)
            }
            try await askParties(memory, principal) { try await $0.mayEnter($1, $2) }
            return true
        } catch is Problem {
            return false
        }
    }

    /// Those who were away long enough have left their parties: they come like everybody else.
    /// - Returns: whether all take them in. Whoever starts over is told why by the one that does not.
    private func arrive(_ memory: ClientMemory, _ principal: Principal) async throws -> Bool {
        do {
            try await askParties(memory, principal) { try await $0.entered($1, $2) }
            return true
        } catch is Problem {
            return false
        }
    }

    private func askParties(
        _ memory: ClientMemory, _ principal: Principal,
        _ body: @Sendable (any PartyVisitors, SessionID, Principal) async throws -> Void
    ) async throws {
        for topic in memory.places.keys {
            guard case .party(let id) = topic else { continue }
            guard let parties = house.parties else { throw Problem.notFound("party") }
            try await house.reads.read { try await body(parties, id, memory.follower(of: topic, principal)) }
        }
    }

    private func onLoop<Value: Sendable>(_ body: @escaping @Sendable (SocketIOVisitor) throws -> Value) async throws -> Value {
        let visitor = visitor
        return try await visitor.eventLoop.submit { try body(visitor.value) }.get()
    }
}

extension ClientMemory {
    /// As whom a topic was followed by somebody who is the principal otherwise.
    fileprivate func follower(of topic: Topic, _ principal: Principal) -> Principal {
        topic.guestSession.flatMap { entries[$0] }.map(Principal.guest) ?? principal
    }
}

extension SocketRecovery {
    /// The last offset that the client says it got; `nil` for what is none of ours.
    fileprivate var seen: Int64? { Int64(offset).flatMap { $0 >= 0 ? $0 : nil } }
}
