import Core
import Logging
import Sockets

/// What every connection of every wire needs of the rest of the house.
struct WireHouse: Sendable {
    let hub: Hub
    let presence: PresenceBoard
    let broker: any Broker
    let table: EventTable
    /// Who carries out the commands of features, by canonical name.
    let handlers: [String: any CommandHandler]
    let authenticator: any Authenticator
    let grants: any GrantChecker
    let credentials: any RevocationChecker
    let topics: TopicDoors
    let sessions: any SessionEntrance & MediaTokenSource
    /// What whoever follows is called.
    let names: any PrincipalNames
    /// For whoever cannot be told what was missed.
    let states: (any SessionStateReader)?
    /// The same of parties, and who hears of those who come to them; `nil`: there are none.
    let parties: (any PartyStateReader & PartyVisitors)?
    /// Over all connections of a user.
    let limiter: any RateLimiter
    let clock: any WallClock
    let logger: Logger
    let connections: ConnectionCount
    /// What clients want to know when they come.
    let reads = ReadGate()
    /// By how many of which wires each topic is.
    let followed = TopicLedger()
    /// What slow readers were not given.
    let queues = OutboundTally()

    /// - Throws: `Problem` 401, 403 or 404 when somebody may not follow a topic; `DatabaseError`.
    func authorize(_ principal: Principal, toFollow topic: Topic) async throws {
        try await reads.read { try await topics.authorize(principal, toFollow: topic) }
    }

    /// As whom others are shown somebody; without a name while nobody knows it.
    func member(_ principal: Principal) async -> PresenceMember? {
        let name = try? await reads.read { try await names.name(of: principal) }
        return PresenceMember(principal, name: name)
    }

    /// Whether a grant still opens what it was for.
    func holds(_ token: GrantToken) -> Bool { !grants.isRevoked(token.grantID) && token.expiresAt > clock.now() }
}
