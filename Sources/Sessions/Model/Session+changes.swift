import Core

extension Session {
    /// - Throws: `Problem` 409 `status_transition`.
    mutating func apply(_ change: SessionChange, at now: Timestamp) throws {
        title = change.title ?? title
        about = change.description ?? about
        accessCode = change.accessCode ?? accessCode
        if let change = change.settings { settings.apply(change) }
        occasion.apply(change)
        if let status = change.status { try turn(to: status, at: now) }
    }

    /// Whether those who came in by the code before may do more than those who come now.
    func showsGuestsOut(comparedTo old: Session) -> Bool {
        accessCode.uppercased() != old.accessCode.uppercased()
            || !settings.guestRights.isSuperset(of: old.settings.guestRights)
    }

    /// Guests who are in and may not stay: all who hold those rights, and longer than to that moment.
    struct Expulsion: Equatable {
        var rights: Rights
        var end: Timestamp?
    }

    /// Whom a change leaves outside, whatever they came in by.
    func expulsions(comparedTo old: Session, at now: Timestamp) -> [Expulsion] {
        if status == .archived, old.status != .archived { return [Expulsion(rights: [], end: nil)] }
        var expulsions: [Expulsion] = []
        // Their tokens say how long they hold.
        if let end = settings.expireAt, end != old.settings.expireAt { expulsions.append(Expulsion(rights: [], end: end)) }
        if !isReleased(at: now), settings.releaseAt != old.settings.releaseAt { expulsions.append(Expulsion(rights: .view, end: nil)) }
        return expulsions
    }
}
