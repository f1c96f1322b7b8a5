import Core
import NIOConcurrencyHelpers

@testable import Realtime

/// Lets in and shows out as the test says: tokens are names of principals, and nobody may follow a desk who is not said to.
final class TestDoors: Authenticator, GrantChecker, RevocationChecker, TopicAuthorizer, SessionAccess, MediaTokenSource,
    SessionEntrance, PrincipalNames
{
    private struct State {
        var identities: [String: Identity] = [:]
        var staff: [Principal] = []
        var revoked: Set<GrantID> = []
        var closed: Set<Topic.Kind> = []
        var outages = 0
        var entered = 0
        var refusal: Problem?
    }

    /// What everybody comes in by who knows the code.
    static let grant = GrantID(at: Timestamp(milliseconds: 1))

    private let state = NIOLockedValueBox(State())

    func know(_ token: String, _ principal: Principal, isStaff: Bool = false, until end: Timestamp? = nil) {
        state.withLockedValue { state in
            state.identities[token] = Identity(principal: principal, expiresAt: end)
            if isStaff { state.staff.append(principal) }
        }
    }

    func dismiss(_ principal: Principal) { state.withLockedValue { $0.staff.removeAll { $0 == principal } } }

    /// The next so many questions find the database away.
    func fail(_ times: Int) { state.withLockedValue { $0.outages = times } }

    /// How many entered by the code.
    var entered: Int { state.withLockedValue { $0.entered } }

    /// Nobody gets in by the code, though it is the right one.
    func refuse(_ problem: Problem?) { state.withLockedValue { $0.refusal = problem } }

    private func answer() throws {
        let isAway = state.withLockedValue { state in
            defer { state.outages = max(0, state.outages - 1) }
            return state.outages > 0
        }
        if isAway { throw DatabaseError.failed(code: DatabaseError.unavailableCode, message: "away", statement: "") }
    }

    func revoke(_ grant: GrantID) { state.withLockedValue { _ = $0.revoked.insert(grant) } }

    /// Nobody may follow topics of some kinds any more.
    func close(_ kinds: Set<Topic.Kind> = [.session, .desk]) { state.withLockedValue { $0.closed = kinds } }

    // MARK: Ports

    func principal(bearer: String?) async throws -> Principal { try await identity(bearer: bearer).principal }

    func identity(bearer: String?) async throws -> Identity {
        try answer()
        guard let bearer else { return Identity(principal: .anonymous, expiresAt: nil) }
        guard let identity = state.withLockedValue({ $0.identities[bearer] }) else {
            throw Problem.unauthorized(code: "invalid_token")
        }
        return identity
    }

    func check(_ token: String) -> GrantToken? { nil }
    func isRevoked(_ grant: GrantID) -> Bool { state.withLockedValue { $0.revoked.contains(grant) } }
    func sign(_ token: GrantToken) -> String { "signed" }
    func isRevoked(_ principal: Principal) -> Bool { false }

    let kinds = Set(Topic.Kind.allCases)

    func authorize(_ principal: Principal, toFollow topic: Topic) async throws {
        try answer()
        let (isClosed, isStaff) = state.withLockedValue { ($0.closed.contains(topic.kind), $0.staff.contains(principal)) }
        if isClosed || principal == .anonymous { throw Problem.notFound("session") }
        if case .desk = topic, !isStaff { throw Problem.notFound("session") }
    }

    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource {
        .session(session, held: principal == .anonymous ? [] : .owner)
    }

    /// Accounts are called by the end of their number, guests Gus.
    func name(of principal: Principal) async throws -> String? {
        if case .guest = principal { "Gus" } else { principal.personID.map { "P\($0.description.suffix(4))" } }
    }

    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource { .house }

    func mediaToken(of principal: Principal, for session: SessionID) async throws -> String? { nil }

    func enter(_ session: SessionID, accessCode: String, name: String?, address: String) async throws -> GrantToken {
        guard accessCode == "right" else { throw Problem.forbidden("That is not the code.", code: "wrong_code") }
        if let refusal = state.withLockedValue({ $0.refusal }) { throw refusal }
        state.withLockedValue { $0.entered += 1 }
        return GrantToken(
            grantID: Self.grant, sessionID: session, rights: .guest,
            expiresAt: Timestamp(milliseconds: .max))
    }
}

/// A clock that goes on when it is told to.
final class TestClock: WallClock {
    private let time = NIOLockedValueBox(Timestamp(milliseconds: 1_700_000_000_000))

    func now() -> Timestamp { time.withLockedValue { $0 } }
    func advance(_ duration: Duration) { time.withLockedValue { $0 = $0 + duration } }
}

/// A registry for tests that count nobody.
struct QuietRegistry: PresenceRegistry {
    func enter(_ topic: Topic, _ member: PresenceMember) {}
    func leave(_ topic: Topic, _ member: PresenceMember) {}
    func attendance(of topic: Topic, limit: Int) async -> Attendance { Attendance(count: 1, members: [], isSample: false) }
}

/// Says of every session how often it was asked.
final class TestStates: SessionStateReader {
    private let count = NIOLockedValueBox<Int64>(0)
    private let asked = NIOLockedValueBox<(@Sendable () async throws -> Void)?>(nil)

    /// Is waited for before each answer.
    func onAsk(_ body: @escaping @Sendable () async throws -> Void) { asked.withLockedValue { $0 = body } }

    func state(of session: SessionID, for principal: Principal) async throws -> JSONValue {
        try await asked.withLockedValue { $0 }?()
        return ["session": .integer(count.withLockedValue { count in
            count += 1
            return count
        }), "photos": []]
    }
}
