import NIOConcurrencyHelpers

/// The way to make a running transfer let go: a newer request, or the end of the request's own task.
final class Revocation: Sendable {
    private struct State {
        var isRevoked = false
        var action: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    var isRevoked: Bool { state.withLockedValue { $0.isRevoked } }

    /// Asks the transfer to let go; only the first time has an effect.
    func revoke() {
        let action = state.withLockedValue { state in
            defer { state.action = nil }
            state.isRevoked = true
            return state.action
        }
        action?()
    }

    /// What letting go takes; done at once when it has been asked for already.
    func onRevoke(_ action: @escaping @Sendable () -> Void) {
        let isRevoked = state.withLockedValue { state in
            if !state.isRevoked { state.action = action }
            return state.isRevoked
        }
        if isRevoked { action() }
    }
}
