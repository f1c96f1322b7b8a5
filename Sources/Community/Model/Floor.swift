import Core

/// Whether somebody may speak now: pure, so that a table of cases can test it and every door gives the same answer.
struct Floor: Sendable, Equatable {
    var isOn: Bool
    /// Whether anything new may come into the session.
    var isActive: Bool
    /// Runs the chat: is neither muted nor slowed.
    var isModerator: Bool
    var mute: Mute?
    /// Of the party that the session may be.
    var scene: PartyScene?

    /// - Throws: `Problem` 409 `session_ended` or `chat_off`, 403 `muted`, or `grant_missing` in a party.
    func check(at now: Timestamp) throws {
        if !isActive { throw Problem.conflict("session_ended", "The session has ended; nothing more can be said.") }
        if !isOn { throw Problem.conflict("chat_off", "The chat is closed.") }
        if scene?.maySpeak == false, !isModerator {
            throw Problem.forbidden("The host has not left talking to you.", code: "grant_missing")
        }
        guard let mute, mute.holds(at: now), !isModerator else { return }
        var problem = Problem.forbidden("You may read here, but not speak.", code: "muted")
        if let until = mute.until { problem.members["until"] = .string(until.description) }
        throw problem
    }

    /// - Parameter last: when the same person spoke last.
    /// - Throws: `Problem` 429 `slow_mode`.
    func checkPace(since last: Timestamp?, slowModeSeconds: Int, at now: Timestamp) throws {
        guard let last, slowModeSeconds > 0, !isModerator else { return }
        let wait = (last + .seconds(slowModeSeconds) - now).milliseconds
        guard wait > 0 else { return }
        // A clock that was set back makes nobody wait longer than the mode says.
        let seconds = min((wait + 999) / 1000, Int64(slowModeSeconds))
        throw Problem(
            429, "slow_mode", "Here one speaks every \(slowModeSeconds) s; wait \(seconds) s.",
            members: ["retryAfter": .integer(seconds)], headers: ["Retry-After": String(seconds)])
    }
}
