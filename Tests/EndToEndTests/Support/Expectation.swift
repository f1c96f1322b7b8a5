import Core
import NIOHTTP1
import TestSupport

/// What the policy lets one expect of an answer.
enum Expectation: Sendable, Equatable {
    case status(Int)
    /// Anything but a refusal or a fault.
    case passage

    func fits(_ status: Int) -> Bool {
        switch self {
        case .status(let expected): status == expected
        case .passage: ![401, 403, 404].contains(status) && status < 500
        }
    }

    init(_ operation: Operation, _ player: Cast.Player, _ thing: Cast.Thing, _ cast: Cast) {
        // Who gets a media file is decided beyond the route, and never by a 403.
        let isMedia = operation.action == .readMedia
        let action = isMedia ? .readPhoto : operation.action
        switch Policy.allows(player.principal, action, Self.resource(operation, player, thing)) {
        case .authenticate: self = .status(401)
        case .forbid: self = .status(isMedia ? 404 : 403)
        case .hide: self = .status(404)
        case .refuse: self = .status(409)
        case .allow where Self.isForeign(operation, player, thing, cast): self = .status(403)
        case .allow: self = Self.exists(operation, player, thing, cast) ? .passage : .status(404)
        }
    }

    private static func resource(_ operation: Operation, _ player: Cast.Player, _ thing: Cast.Thing) -> Resource {
        switch operation.subject {
        case .none, .anything, .key, .device: return .house
        case .photo where thing == .missing, .message where thing == .missing, .selection where thing == .missing, .report where thing == .missing: return .house
        // Nobody but the owner has come in.
        case .party:
            let isOwner = player.rights[thing] == .owner
            return SessionID(Cast.missing).map { .session($0, held: isOwner ? .owner : []) } ?? .house
        case .session, .link, .photo, .message, .selection, .report, .upload, .media: break
        }
        // Rights are all that the policy asks about a session; only a guest's must be the one of the token.
        let held = player.rights[thing] ?? []
        if case .guest(let token) = player.principal, !held.isEmpty { return .session(token.sessionID, held: held) }
        return SessionID(Cast.missing).map { .session($0, held: held) } ?? .house
    }

    /// Whether it is a message that only its author may change, or a moderator remove; or a photo that only who sent it may change, or an
    /// editor.
    private static func isForeign(_ operation: Operation, _ player: Cast.Player, _ thing: Cast.Thing, _ cast: Cast) -> Bool {
        if operation.action == .editPhoto, thing != .missing {
            let isEditor = Policy.allows(player.principal, .stackPhotos, resource(operation, player, thing)) == .allow
            return !isEditor && cast.sets[thing]?.account.id != player.principal.userID?.description
        }
        guard operation.path == "/api/messages/{id}", operation.method == .DELETE else { return false }
        let isModerator = Policy.allows(player.principal, .moderateChat, resource(operation, player, thing)) == .allow
        return !isModerator && thing != .missing && cast.sets[thing]?.account.id != player.principal.userID?.description
    }

    /// Whether there is such a thing for somebody who may ask for it.
    private static func exists(_ operation: Operation, _ player: Cast.Player, _ thing: Cast.Thing, _ cast: Cast) -> Bool {
        // What is open to all is answered from the path alone.
        if operation.action == .readPublic && operation.method == .OPTIONS { return true }
        // The path that names a member names nobody here.
        if operation.path.hasSuffix("/members/{user}"), operation.method == .PUT { return false }
        return switch operation.subject {
        case .none: true
        case .anything: ["/gallery/{code}", "/gallery/{code}/qr", "/party/{code}", "/party/{code}/qr", "/s/{token}", "/s/{token}/qr"].contains(operation.path)
        case .session, .link, .photo, .message, .selection, .report, .upload, .media: thing != .missing
        // The queue is empty.
        case .party: thing != .missing && !operation.namesMissing
        // Keys and devices are their owners' alone: even for an administrator there are no others.
        case .key, .device: cast.sets[thing]?.account.id == player.principal.userID?.description
        }
    }
}
