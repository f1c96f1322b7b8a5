import Broker
import Core
import Database
import Foundation
import Logging
import Synchronization
import TestSupport

@testable import Community

/// A clock that moves only when told to.
final class ManualClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// The sessions, people and grants that the talk asks about.
final class Neighbours: ChatSessions, PersonNames {
    struct State: Sendable {
        var active: [SessionID: Bool] = [:]
        var shown: [PhotoID: SessionID] = [:]
        var names: [UserID: String] = [:]
        var grants: [GrantID: Grant] = [:]
        var rights: [UserID: Rights] = [:]
    }

    let state = Mutex(State())

    func isActive(_ session: SessionID, transaction: any Transaction) throws -> Bool? { state.withLock { $0.active[session] } }

    func isShown(_ photo: PhotoID, in session: SessionID, transaction: any Transaction) throws -> Bool {
        state.withLock { $0.shown[photo] == session }
    }

    func name(of user: UserID, transaction: any Transaction) throws -> String? { state.withLock { $0.names[user] } }
}

extension Neighbours: SessionAccess {
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource {
        state.withLock { state in
            guard state.active[session] != nil else { return .session(session, held: []) }
            switch principal {
            case .guest(let token): return .session(session, held: token.sessionID == session ? token.rights : [])
            default: return .session(session, held: principal.userID.flatMap { state.rights[$0] } ?? [])
            }
        }
    }

    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource { .house }
}

extension Neighbours: GrantRegistry {
    func add(_ grant: Grant, in transaction: any Transaction) throws { state.withLock { $0.grants[grant.id] = grant } }
    func grant(_ id: GrantID, transaction: any Transaction) throws -> Grant? { state.withLock { $0.grants[id] } }
    // The talk asks for no more than that.
    func membership(of user: UserID, in session: SessionID, transaction: any Transaction) throws -> Grant? { nil }
    func sessions(of user: UserID, transaction: any Transaction) throws -> [SessionID] { [] }
    func parents(of grants: [GrantID], transaction: any Transaction) throws -> [GrantID: GrantID] { [:] }
    func holding(_ grants: [GrantID], transaction: any Transaction) throws -> Set<GrantID> { [] }
    func guests(of session: SessionID, after: Cursor?, limit: Int, transaction: any Transaction) throws -> [Grant] { [] }
    func guestCount(of session: SessionID, transaction: any Transaction) throws -> GuestCount { GuestCount(entries: 0, valid: 0) }
    func revokeGuest(_ id: GrantID, of session: SessionID, in transaction: any Transaction) throws -> Bool { false }
    func revokeAll(under parent: GrantID, in transaction: any Transaction) throws {}
    func revokeEntriesByCode(to session: SessionID, in transaction: any Transaction) throws {}
    func revokeAll(of session: SessionID, in transaction: any Transaction) throws {}
    func members(of session: SessionID, after: Cursor?, limit: Int, transaction: any Transaction) throws -> [Grant] { [] }
    func memberCount(of session: SessionID, transaction: any Transaction) throws -> Int { 0 }
    func setMember(_ user: UserID, of session: SessionID, to rights: Rights, in transaction: any Transaction) throws {}
    func removeMember(_ user: UserID, of session: SessionID, in transaction: any Transaction) throws -> Bool { false }
    func revokeGuests(of session: SessionID, holding: Rights, beyond: Timestamp?, in transaction: any Transaction) throws {}
}

/// Remembers what is sent, and publishes as the house does.
final class Publisher: EventPublisher, EventRewriter {
    let outbox: Outbox
    private let list = Mutex<[EphemeralEvent]>([])
    var sent: [EphemeralEvent] { list.withLock { $0 } }

    init(_ outbox: Outbox) { self.outbox = outbox }

    func publish(_ event: DurableEvent, in transaction: any Transaction) throws { try outbox.publish(event, in: transaction) }
    func send(_ event: EphemeralEvent) { list.withLock { $0.append(event) } }
    func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws {
        try outbox.rewrite(subject, of: topic, as: data, in: transaction)
    }
}

/// A session whose owner and guests talk, on a database of its own.
struct House: Sendable {
    @TaskLocal static var isPostgres = false

    let database: any DatabaseDriver
    let broker: InProcessBroker
    let publisher: Publisher
    let neighbours = Neighbours()
    let clock = ManualClock()
    let session = SessionID(at: Timestamp(milliseconds: 1))
    let owner: Speaker
    let (ann, bob): (Speaker, Speaker)
    let folder: TemporaryFolder

    static func with(_ body: (House) async throws -> Void) async throws {
        let house = try await House()
        do {
            try await body(house)
            try await house.database.close()
        } catch {
            try? await house.database.close()
            throw error
        }
    }

    private init() async throws {
        folder = try TemporaryFolder("community")
        database =
            if Self.isPostgres { try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase()) } else {
                try await SQLiteDatabase.open(folder.file("test.sqlite"))
            }
        try await Migrator.migrate(database, BrokerMigrations.all + CommunityMigrations.all)
        broker = try await InProcessBroker(database: database, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        publisher = Publisher(Outbox(transport: broker, clock: clock))
        owner = try Self.person("olga", .owner, session, neighbours)
        ann = try Self.guest("Ann", session, neighbours)
        bob = try Self.guest("", session, neighbours)
        neighbours.state.withLock { [session] in $0.active[session] = true }
    }

    private static func person(_ name: String, _ rights: Rights, _ session: SessionID, _ neighbours: Neighbours) throws -> Speaker {
        let id = UserID(at: Timestamp(milliseconds: 2))
        neighbours.state.withLock { ($0.names[id], $0.rights[id]) = (name, rights) }
        return try Speaker(.user(id, role: .photographer, device: DeviceID(id)), in: .session(session, held: rights))
    }

    private static func guest(_ name: String, _ session: SessionID, _ neighbours: Neighbours) throws -> Speaker {
        let token = Self.token(session)
        let grant = Grant(
            id: token.grantID, kind: .guest, sessionID: session, rights: .guest, name: name, createdAt: Timestamp(milliseconds: 3))
        neighbours.state.withLock { $0.grants[grant.id] = grant }
        return try Speaker(.guest(token), in: .session(session, held: .guest))
    }

    static func token(_ session: SessionID) -> GrantToken {
        GrantToken(
            grantID: GrantID(at: Timestamp(milliseconds: 3)), sessionID: session, rights: .guest,
            expiresAt: Timestamp(milliseconds: 2_000_000_000_000))
    }

    func service(_ change: (inout ChatRules) -> Void = { _ in }) -> ChatService {
        var rules = ChatRules()
        change(&rules)
        return ChatService(
            database: database, sessions: neighbours, parties: nil, grants: neighbours, names: neighbours, news: ChatNews(events: publisher),
            limiter: LocalRateLimiter(clock: clock), rules: rules, clock: clock)
    }

    func say(_ text: String, by speaker: Speaker? = nil, clientID: String? = nil, replyTo: MessageID? = nil) async throws -> MessageView {
        let draft = Draft(text: text, replyTo: replyTo, clientID: clientID)
        return try await service().send(draft, to: session, by: speaker ?? ann).view
    }

    func list(after: Int64 = 0, for speaker: Speaker? = nil) async throws -> [MessageView] {
        try await service().list(session, after: after, before: .max, limit: 200, for: speaker ?? ann).items
    }

    /// What the session's followers can have of the past.
    func history(_ topic: Topic? = nil) async throws -> [DurableEvent] {
        try await broker.history(of: topic ?? .session(session), after: 0, limit: 1000).events.map(\.event)
    }
}

/// The code of the problem that a call ends with; `nil` when it ends well.
func refusal(_ body: () async throws -> some Sendable) async throws -> String? {
    do {
        _ = try await body()
        return nil
    } catch let problem as Problem {
        return problem.code
    }
}
