import Broker
import Core
import Database
import Foundation
import Logging
import Synchronization
import TestSupport

@testable import WatchParty

/// A clock that moves only when told to.
final class ManualClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// The sessions, films, people and grants that parties ask about.
final class Neighbours: PersonNames, Sendable {
    struct State: Sendable {
        var parties: [SessionID: PartySession] = [:]
        var films: [PhotoID: Film] = [:]
        var names: [UserID: String] = [:]
        var grants: [GrantID: Grant] = [:]
        /// What accounts hold in sessions beside parties.
        var rights: [UserID: [SessionID: Rights]] = [:]
    }

    let database: any Database
    let state = Mutex(State())

    init(_ database: any Database) { self.database = database }

    func name(of user: UserID, transaction: any Transaction) throws -> String? { state.withLock { $0.names[user] } }
}

extension Neighbours: PartySessions {
    func create(
        title: String, owner: UserID, by principal: Principal, also: @escaping @Sendable (PartySession, any Transaction) throws -> Void
    ) async throws -> PartySession {
        let session = PartySession(
            id: SessionID(at: Timestamp(milliseconds: 1)), title: title, ownerID: owner, accessCode: "CODE42",
            createdAt: Timestamp(milliseconds: 1))
        state.withLock { $0.parties[session.id] = session }
        try await database.write { tx in try also(session, tx) }
        return session
    }

    func party(_ id: SessionID, transaction: any Transaction) throws -> PartySession? { state.withLock { $0.parties[id] } }

    func parties(among ids: [SessionID]?, after: Cursor?, limit: Int, transaction: any Transaction) throws -> [PartySession] {
        state.withLock { state in
            state.parties.values.filter { ids?.contains($0.id) ?? true }.sorted { $0.id > $1.id }.prefix(limit).map(\.self)
        }
    }

    func retitle(_ id: SessionID, to title: String, by principal: Principal) async throws {
        state.withLock { $0.parties[id]?.title = title }
    }

    func delete(_ id: SessionID, by principal: Principal) async throws { state.withLock { $0.parties[id] = nil } }

    func showOut(_ person: Person, of party: SessionID, by principal: Principal, transaction: any Transaction) throws {
        switch person {
        case .user(let user): _ = try removeMember(user, of: party, in: transaction)
        case .guest(let grant): _ = try revokeGuest(grant, of: party, in: transaction)
        }
    }

    func filmTokens(
        of principal: Principal, in party: SessionID, for films: [Film], transaction: any Transaction
    ) throws -> [OriginalID: String] {
        Dictionary(films.map { ($0.originalID, "token-\($0.originalID)") }) { first, _ in first }
    }
}

extension Neighbours: FilmLibrary {
    func films(_ photos: [PhotoID], transaction: any Transaction) throws -> [PhotoID: Film] {
        state.withLock { $0.films.filter { photos.contains($0.key) } }
    }

    func films(in sessions: [SessionID], after cursor: Cursor?, limit: Int, transaction: any Transaction) throws -> [Film] {
        state.withLock { state in
            state.films.values.filter { sessions.contains($0.sessionID) }.sorted { $0.photoID > $1.photoID }
                .prefix(limit).map(\.self)
        }
    }
}

extension Neighbours: SessionAccess {
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource {
        state.withLock { state in
            guard let party = state.parties[session] else { return .session(session, held: []) }
            switch principal {
            case .guest(let token):
                let isHeld = token.sessionID == session && state.grants[token.grantID]?.revokedAt == nil
                return .session(session, held: isHeld ? token.rights : [])
            default:
                let isOwner = principal.userID == party.ownerID
                return .session(session, held: isOwner ? .owner : principal.userID.flatMap { state.rights[$0]?[session] } ?? [])
            }
        }
    }

    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource { .house }
}

extension Neighbours: GrantRegistry, SessionMemberships {
    func sessions(of user: UserID, holding rights: Rights, limit: Int, transaction: any Transaction) throws -> [SessionID] {
        state.withLock { state in state.rights[user]?.filter { $0.value.isSuperset(of: rights) }.map(\.key) ?? [] }
    }

    func add(_ grant: Grant, in transaction: any Transaction) throws { state.withLock { $0.grants[grant.id] = grant } }
    func grant(_ id: GrantID, transaction: any Transaction) throws -> Grant? { state.withLock { $0.grants[id] } }

    func membership(of user: UserID, in session: SessionID, transaction: any Transaction) throws -> Grant? {
        state.withLock { state in
            guard let rights = state.rights[user]?[session] else { return nil }
            return Grant(
                id: GrantID(at: Timestamp(milliseconds: 4)), kind: .member, userID: user, sessionID: session, rights: rights,
                createdAt: Timestamp(milliseconds: 4))
        }
    }

    func sessions(of user: UserID, transaction: any Transaction) throws -> [SessionID] {
        state.withLock { state in
            (state.rights[user].map { Array($0.keys) } ?? []) + state.parties.values.filter { $0.ownerID == user }.map(\.id)
        }
    }

    func revokeGuest(_ id: GrantID, of session: SessionID, in transaction: any Transaction) throws -> Bool {
        state.withLock { state in
            defer { state.grants[id]?.revokedAt = Timestamp(milliseconds: 5) }
            return state.grants[id] != nil
        }
    }

    func removeMember(_ user: UserID, of session: SessionID, in transaction: any Transaction) throws -> Bool {
        state.withLock { $0.rights[user]?.removeValue(forKey: session) != nil }
    }

    // Parties ask for no more than that.
    func parents(of grants: [GrantID], transaction: any Transaction) throws -> [GrantID: GrantID] { [:] }
    func holding(_ grants: [GrantID], transaction: any Transaction) throws -> Set<GrantID> { [] }
    func guests(of session: SessionID, after: Cursor?, limit: Int, transaction: any Transaction) throws -> [Grant] { [] }
    func guestCount(of session: SessionID, transaction: any Transaction) throws -> GuestCount { GuestCount(entries: 0, valid: 0) }
    func revokeAll(under parent: GrantID, in transaction: any Transaction) throws {}
    func revokeEntriesByCode(to session: SessionID, in transaction: any Transaction) throws {}
    func revokeAll(of session: SessionID, in transaction: any Transaction) throws {}
    func members(of session: SessionID, after: Cursor?, limit: Int, transaction: any Transaction) throws -> [Grant] { [] }
    func memberCount(of session: SessionID, transaction: any Transaction) throws -> Int { 0 }
    func setMember(_ user: UserID, of session: SessionID, to rights: Rights, in transaction: any Transaction) throws {}
    func revokeGuests(of session: SessionID, holding: Rights, beyond: Timestamp?, in transaction: any Transaction) throws {}
}

/// Remembers what is sent, and publishes as the house does.
final class Publisher: EventPublisher {
    let outbox: Outbox
    private let list = Mutex<[EphemeralEvent]>([])
    var sent: [EphemeralEvent] { list.withLock { $0 } }

    init(_ outbox: Outbox) { self.outbox = outbox }

    func publish(_ event: DurableEvent, in transaction: any Transaction) throws { try outbox.publish(event, in: transaction) }
    func send(_ event: EphemeralEvent) { list.withLock { $0.append(event) } }
}

/// A party with a host and guests, on a database of its own.
struct House: Sendable {
    @TaskLocal static var isPostgres = false

    let database: any DatabaseDriver
    let broker: InProcessBroker
    let publisher: Publisher
    let neighbours: Neighbours
    let clock = ManualClock()
    let folder: TemporaryFolder
    let service: PartyService
    let host: Principal
    /// The host's films, of 100 s each.
    let films: [PhotoID]
    let party: SessionID

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
        folder = try TemporaryFolder("parties")
        database =
            if Self.isPostgres { try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase()) } else {
                try await SQLiteDatabase.open(folder.file("test.sqlite"))
            }
        try await Migrator.migrate(database, BrokerMigrations.all + PartyMigrations.all)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        broker = try await InProcessBroker(database: database, logger: logger)
        publisher = Publisher(Outbox(transport: broker, clock: clock))
        neighbours = Neighbours(database)
        service = PartyService(
            database: database, sessions: neighbours, films: neighbours, grants: neighbours,
            names: NameBook(grants: neighbours, names: neighbours), news: PartyNews(events: publisher),
            limiter: LocalRateLimiter(clock: clock), floor: PartyFloor(), alarm: PartyAlarm(), clock: clock, logger: logger)
        let user = UserID(at: Timestamp(milliseconds: 2))
        host = .user(user, role: .member, device: DeviceID(user))
        let library = SessionID(at: Timestamp(milliseconds: 9))
        films = (0..<4).map { PhotoID(at: Timestamp(milliseconds: 10 + $0)) }
        neighbours.state.withLock { [films] state in
            state.names[user] = "Olga"
            state.rights[user] = [library: .owner]
            for (index, photo) in films.enumerated() { state.films[photo] = Film(photo, in: library, "Film \(index)") }
        }
        party = try await service.create(NewParty(title: "Friday", mediaIds: Array(films.prefix(2))), by: host).id
    }

    // MARK: People

    func actor(_ principal: Principal) async throws -> Actor {
        try Actor(principal, in: try await neighbours.resource(principal, party))
    }

    /// Somebody who came by the code and is there.
    func guest(_ name: String) async throws -> Principal {
        let grant = Grant(
            id: GrantID(at: clock.now()), kind: .guest, sessionID: party, rights: .guest, name: name, createdAt: clock.now())
        neighbours.state.withLock { $0.grants[grant.id] = grant }
        let principal = Principal.guest(
            GrantToken(grantID: grant.id, sessionID: party, rights: .guest, expiresAt: Timestamp(milliseconds: 2_000_000_000_000)))
        try await enter(principal)
        return principal
    }

    func enter(_ principal: Principal) async throws {
        clock.advance(by: .milliseconds(1))
        try await service.enter(party, try await actor(principal))
    }

    // MARK: What they do

    @discardableResult
    func order(
        _ action: PartyOrder.Action, by principal: Principal? = nil, basedOn sequence: Int64? = nil, position: Double? = nil,
        rate: Double? = nil, entry: String? = nil
    ) async throws -> PartyStateView {
        let truth = try await service.state(of: party).sequence
        let order = PartyOrder(action: action, sequence: sequence ?? truth, position: position, rate: rate, entryId: entry)
        return try await service.carryOut(order, in: party, by: try await actor(principal ?? host))
    }

    @discardableResult
    func change(_ change: PartyService.QueueChange, by principal: Principal? = nil) async throws -> PartyQueueView {
        try await service.change(change, of: party, by: try await actor(principal ?? host), as: principal ?? host)
    }

    func report(_ state: PlayerState, by principal: Principal, latency: Int? = nil) async throws {
        let report = StatusReport(partyId: party, state: state, drift: 12, latency: latency)
        _ = try await service.report(report, by: try await actor(principal))
    }

    func update(_ change: PartyChange) async throws {
        _ = try await service.update(party, change, by: try await actor(host), as: host)
    }

    var state: PartyStateView { get async throws { try await service.state(of: party) } }

    var queue: PartyQueueView {
        get async throws { try await service.queueView(of: party, for: try await actor(host), as: host) }
    }

    func role(of principal: Principal) async throws -> PartyRole? {
        try await member(principal)?.role
    }

    func member(_ principal: Principal) async throws -> PartyMemberView? {
        let person = try await actor(principal).person
        return try await service.memberViews(of: party).first { $0.person.kind == person.kind && $0.person.id == person.id }
    }

    /// What was told of a kind, as JSON.
    func told(_ name: String) async throws -> [JSONValue] {
        try await broker.history(of: .party(party), after: 0, limit: 1000).events.map(\.event).filter { $0.name == name }
            .map { try JSON.decode(from: $0.data) }
    }
}

extension Film {
    fileprivate init(_ photo: PhotoID, in session: SessionID, _ title: String) {
        self.init(
            photoID: photo, originalID: OriginalID(photo), sessionID: session, sessionTitle: "Library", title: title, duration: 100,
            width: 1920, height: 1080, createdAt: Timestamp(milliseconds: 10), renditions: [])
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
