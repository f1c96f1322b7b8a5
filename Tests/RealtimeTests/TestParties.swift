import Core
import NIOConcurrencyHelpers

@testable import Realtime

/// Lets people come to parties as the test says, and writes down what it was asked and told.
final class TestParties: PartyStateReader, PartyVisitors {
    enum Call: Sendable, Equatable {
        case mayEnter(Principal), entered(Principal), left(Principal), state(Principal)
    }

    private struct State {
        var calls: [Call] = []
        var refusal: Problem?
        var failure: Problem?
        var onState: (@Sendable () async throws -> Void)?
    }

    static let full = Problem(409, "party_full", "There is no place left.")

    private let state = NIOLockedValueBox(State())

    var calls: [Call] { state.withLockedValue { $0.calls } }

    /// Nobody finds a place.
    func refuse(_ problem: Problem? = full) { state.withLockedValue { $0.refusal = problem } }

    /// Nobody who follows can be written down.
    func fail(_ problem: Problem? = full) { state.withLockedValue { $0.failure = problem } }

    /// Is waited for before each answer of what a party is like.
    func onState(_ body: @escaping @Sendable () async throws -> Void) { state.withLockedValue { $0.onState = body } }

    func mayEnter(_ party: SessionID, _ principal: Principal) async throws {
        try note(.mayEnter(principal), \.refusal)
    }

    func entered(_ party: SessionID, _ principal: Principal) async throws { try note(.entered(principal), \.failure) }

    func left(_ party: SessionID, _ principal: Principal) async throws { state.withLockedValue { $0.calls.append(.left(principal)) } }

    func state(of party: SessionID, for principal: Principal) async throws -> JSONValue {
        let onState = state.withLockedValue { state in
            state.calls.append(.state(principal))
            return state.onState
        }
        try await onState?()
        return ["party": ["id": .string(party.description)], "queue": [:], "members": []]
    }

    private func note(_ call: Call, _ problem: KeyPath<State, Problem?>) throws {
        let problem = state.withLockedValue { state in
            state.calls.append(call)
            return state[keyPath: problem]
        }
        if let problem { throw problem }
    }
}
