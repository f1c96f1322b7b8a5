import Core
import Sockets

/// Whose connections an administrator ends, on whichever server they are, and what they are told.
package struct Eviction: Sendable {
    enum Target: Sendable, Equatable {
        /// An account, also by its keys.
        case user(UserID)
        /// A guest, or a key.
        case grant(GrantID)
        /// A client's address.
        case address(IPAddress)
        /// An account, where it follows the session that it does not belong to any more.
        case member(UserID, of: SessionID)
        /// Everybody who follows the session.
        case session(SessionID)
    }

    let target: Target
    let reason: CloseReason
}

/// What `POST /api/websocket/kick` takes, and what the servers tell each other of it.
struct EvictionOrder: WireType {
    var userId: UserID?
    var grantId: GrantID?
    var address: String?
    var sessionId: SessionID?
    var reason: String?

    /// Names it among what servers tell each other.
    static let nudge = "realtime.kick"
    /// Bytes of a reason, as many as a Close frame has room for (RFC 6455 section 5.5).
    private static let maxReasonBytes = 123

    static let schema = Schema.object([
        .optional("userId", .formatted(.uuid), "All connections of an account."),
        .optional("grantId", .formatted(.uuid), "All of a guest, or of an API key."),
        .optional("address", .string(2...45), "All from a client address."),
        .optional("sessionId", .formatted(.uuid), "All that follow a session."),
        .optional("reason", .string(1...100), "What they are told, at most 123 bytes; `kicked` unless said."),
    ])

    /// What is to be done.
    /// - Throws: `Problem` 422 when it does not say whose connections it is about, or in more than one way, or too much.
    func eviction() throws -> Eviction {
        let reason = reason ?? CloseReason.kicked.text
        guard reason.utf8.count <= Self.maxReasonBytes else {
            throw Problem.invalid("/reason", "The reason has at most \(Self.maxReasonBytes) bytes.")
        }
        return Eviction(target: try target(), reason: CloseReason(code: CloseReason.kicked.code, text: reason))
    }

    private func target() throws -> Eviction.Target {
        let targets: [Eviction.Target?] = [
            userId.map(Eviction.Target.user), grantId.map(Eviction.Target.grant), sessionId.map(Eviction.Target.session),
            try address.map { .address(try Self.parse($0)) },
        ]
        let named = targets.compactMap(\.self)
        guard let target = named.first, named.count == 1 else {
            throw Problem.invalid("", "Name one of userId, grantId, address and sessionId.")
        }
        return target
    }

    private static func parse(_ text: String) throws -> IPAddress {
        guard let address = IPAddress(text) else { throw Problem.invalid("/address", "That is no internet address.") }
        return address.unmapped
    }
}
