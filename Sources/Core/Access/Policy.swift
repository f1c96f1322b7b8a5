/// What an action is about, with the facts the decision needs.
public enum Resource: Sendable, Equatable {
    /// No particular thing: lists of one's own, creation.
    case house
    /// A session and what the principal holds there through grants.
    case session(SessionID, held: Rights)
}

/// The one decision about access: pure, so that a table of cases can test it and every door gives the same answer.
public enum Policy {
    /// What to tell whoever asks.
    public enum Decision: Sendable, Equatable {
        /// Go ahead.
        case allow
        /// Nobody is signed in: say so (401), so that the client can sign in and come back.
        case authenticate
        /// The caller sees the thing but may not do this with it, or their key lacks the scope (403).
        case forbid
        /// The caller may not know that the thing exists (404).
        case hide
        /// The caller may, once the session is not archived any more (409).
        case refuse
    }

    /// Whether `principal` may do `action` to `resource`.
    public static func allows(_ principal: Principal, _ action: Action, _ resource: Resource) -> Decision {
        switch action.requirement {
        case .none: .allow
        case .identified(let scope): identified(principal, scope)
        case .person: person(principal)
        case .account(let role, let scope): account(principal, role, scope)
        case .rights(let rights, let scope): unlessFrozen(held(principal, rights, scope, resource), action, resource)
        }
    }

    /// Throws the problem that a decision other than `allow` stands for.
    /// - Parameter what: names the thing in a 404, e.g. `session`.
    public static func require(
        _ principal: Principal, _ action: Action, _ resource: Resource = .house, what: String = "resource"
    ) throws {
        switch allows(principal, action, resource) {
        case .allow: return
        case .authenticate: throw Problem.unauthorized()
        case .forbid: throw Problem.forbidden("This account, key or guest may not do that.")
        case .hide: throw Problem.notFound(what)
        case .refuse: throw Problem.sessionArchived
        }
    }

    private static func identified(_ principal: Principal, _ scope: Scope) -> Decision {
        if principal == .anonymous { return .authenticate }
        return principal.has(scope) ? .allow : .forbid
    }

    private static func person(_ principal: Principal) -> Decision {
        switch principal {
        case .user: .allow
        case .anonymous: .authenticate
        case .key, .guest: .forbid
        }
    }

    private static func account(_ principal: Principal, _ role: Role, _ scope: Scope) -> Decision {
        guard let held = principal.role else { return principal == .anonymous ? .authenticate : .forbid }
        return held >= role && principal.has(scope) ? .allow : .forbid
    }

    private static func unlessFrozen(_ decision: Decision, _ action: Action, _ resource: Resource) -> Decision {
        guard decision == .allow, action.changesSession, case .session(_, let held) = resource else { return decision }
        return held.contains(.frozen) ? .refuse : .allow
    }

    private static func held(_ principal: Principal, _ rights: Rights, _ scope: Scope, _ resource: Resource) -> Decision {
        if principal == .anonymous { return .authenticate }
        guard case .session(let id, let held) = resource else { return .hide }
        if case .guest(let token) = principal, token.sessionID != id { return .hide }
        let effective = principal.role == .admin ? .owner : held
        if !effective.contains(.view) && !effective.contains(rights) { return .hide }
        return effective.isSuperset(of: rights) && principal.has(scope) ? .allow : .forbid
    }
}

extension Problem {
    /// 409: nothing changes in an archived session but that it is restored or deleted, and that people are let go.
    public static let sessionArchived = Problem.conflict("session_archived", "The session is archived: restore it first.")
}
