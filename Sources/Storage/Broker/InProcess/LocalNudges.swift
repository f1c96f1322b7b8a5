import Core
import NIOConcurrencyHelpers

/// Nudges within this process; what is registered here also hears those that come from elsewhere.
final class LocalNudges: Sendable {
    private let listeners = NIOLockedValueBox<[String: [@Sendable (String) -> Void]]>([:])

    func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) {
        listeners.withLockedValue { $0[name, default: []].append(body) }
    }

    func deliver(_ name: String, _ payload: String) {
        let due = listeners.withLockedValue { $0[name] ?? [] }
        for body in due { body(payload) }
    }
}
