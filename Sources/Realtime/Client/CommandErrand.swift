import Core
import Logging
import NIOCore

/// Carries out one command: waits off the event loop, acts on the connection on it.
struct CommandErrand: Sendable {
    let command: Command
    let connection: NIOLoopBound<ClientConnection>
    let house: WireHouse
    /// The client's, for rate limits.
    let address: String

    func run() async {
        do {
            let answer = try await carryOut()
            guard let id = command.id else { return }
            try await connection.run { $0.acknowledge(id, answer) }
        } catch {
            await report(error)
        }
    }

    private func carryOut() async throws -> JSONValue {
        switch command.kind {
        case .ping: return [:]
        // Does not come here: whoever waited for its turn would be told the wrong time.
        case .clock: throw Problem.internalError
        case .authenticate(let wish): return try await authenticate(wish)
        case .followSelf(let place): return try await followSelf(from: place)
        case .join(let wish):
            try await UserLimits.take(.joins, house.limiter, for: try await connection.run { $0.caller })
            return try await SessionJoin(wish: wish, connection: connection, house: house, address: address).run()
        case .leave(let gathering):
            try await leave(gathering.id)
            return gathering.isParty ? [:] : ["sessionId": .string(gathering.id.description)]
        case .feature(let name, let data):
            guard let handler = house.handlers[name] else { throw Problem.unknownCommand }
            let caller = try await connection.run { $0.caller }
            try await UserLimits.take(.commands, house.limiter, for: caller)
            return try await handler.carryOut(name, data, for: caller)
        }
    }

    private func leave(_ session: SessionID) async throws {
        let visitor = try await connection.run { connection in
            let principal = connection.entry(into: session).map(Principal.guest) ?? connection.principal
            let isVisitor = connection.subscriptions[.party(session)] != nil
            for topic in Topic.all(of: session) { connection.unfollow(topic) }
            return isVisitor ? principal : nil
        }
        // Who was not there may say it as often as they like: that must cost nothing.
        if let visitor { try await house.parties?.left(session, visitor) }
    }

    private func authenticate(_ wish: Command.Authentication) async throws -> JSONValue {
        try await UserLimits.take(.commands, house.limiter, for: try await connection.run { $0.caller })
        if let token = wish.token { try await identify(as: try await house.authenticator.identity(bearer: token)) }
        let (caller, isFollowed) = try await connection.run { ($0.caller, $0.followsSelf) }
        if caller.principal == .anonymous { throw Problem.unauthorized() }
        let place = TopicPlace(epoch: wish.epoch, offset: wish.offset)
        // A new token for who was here already changes nothing.
        guard let user = caller.principal.personID, !isFollowed || place != nil else {
            return ["userId": caller.principal.userID.map { .string($0.description) } ?? .null]
        }
        try await UserLimits.take(.joins, house.limiter, for: caller)
        return try await SelfFollowing(user: user, place: place, connection: connection, house: house).run()
    }

    private func identify(as identity: Identity) async throws {
        let (principal, sessions) = (identity.principal, try await connection.run { connection in
            let isSame = connection.principal == identity.principal
            connection.identify(as: identity)
            return isSame ? [] : connection.appearing
        })
        guard !sessions.isEmpty, let member = await house.member(principal) else { return }
        // Nobody is shown where they may not be.
        for session in sessions where (try? await house.authorize(principal, toFollow: .session(session))) != nil {
            try await connection.run { $0.appear(as: member, in: session) }
        }
    }

    private func followSelf(from place: TopicPlace?) async throws -> JSONValue {
        guard let user = try await connection.run({ $0.principal.personID }) else { return .null }
        do {
            return try await SelfFollowing(user: user, place: place, connection: connection, house: house).run()
        } catch {
            // The client has asked for nothing, and would not notice what it is not told.
            let isRefused = (error as? Problem).map { [401, 403, 404].contains($0.status) } ?? false
            try await connection.run { $0.close(isRefused ? .revoked : .resync) }
            throw error
        }
    }

    private func report(_ error: any Error) async {
        if error is CancellationError { return }
        let (id, problem) = (command.id, problem(of: error))
        try? await connection.run { $0.refuse(id, problem) }
    }

    private func problem(of error: any Error) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as DatabaseError where error.isTransient: return .databaseUnavailable
        default:
            house.logger.error("a command failed", metadata: ["error": "\(error)"])
            return .internalError
        }
    }
}

extension NIOLoopBound<ClientConnection> {
    /// Acts on the connection on its event loop.
    func run<Result: Sendable>(_ body: @escaping @Sendable (ClientConnection) throws -> Result) async throws -> Result {
        try await eventLoop.submit { try body(value) }.get()
    }
}
