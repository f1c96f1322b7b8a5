import Core

/// What a session's status may become, and what each lets come in: pure, so that tables of cases can test it.
extension Session.Status {
    /// Whether a change of the session may turn it into another. Archives have their own ways in and out.
    func mayBecome(_ next: Session.Status) -> Bool {
        switch (self, next) {
        case (.active, .paused), (.paused, .active), (.active, .ended), (.paused, .ended), (.ended, .active): true
        default: false
        }
    }
}

extension Session {
    /// Pauses, ends or opens it; what it is already, it stays.
    /// - Throws: `Problem` 409 `status_transition`.
    mutating func turn(to next: Status, at now: Timestamp) throws {
        if next == status { return }
        guard status.mayBecome(next) else { throw Problem.statusTransition(from: status, to: next) }
        status = next
        history.endedAt = next == .ended ? now : nil
    }

    /// Its retention goes on counting from its end, if that has been.
    /// - Throws: `Problem` 409 `status_transition` when it is archived already, `is_party`.
    mutating func archive(at now: Timestamp) throws {
        try requireNoParty()
        guard status != .archived else { throw Problem.statusTransition(from: status, to: .archived) }
        (history.statusBefore, status) = (status, .archived)
        history.endedAt = history.endedAt ?? min(occasion.endsAt ?? now, now)
    }

    /// What there is of a party beside its session is nowhere else, and of no use once it is over.
    /// - Throws: `Problem` 409 `is_party`.
    func requireNoParty() throws {
        if occasion.type == .party { throw Problem.conflict("is_party", "That is a party: it is neither copied nor archived, only deleted.") }
    }

    /// Brings back the status before it was archived.
    /// - Throws: `Problem` 409 `status_transition` when it is not archived.
    mutating func restore(at now: Timestamp) throws {
        let before = history.statusBefore ?? .ended
        guard status == .archived else { throw Problem.statusTransition(from: status, to: before) }
        (history.statusBefore, status) = (nil, before)
        if before != .ended { history.endedAt = nil }
        history.restoredAt = now
    }

    /// Whether a file may come in now, from somebody who may upload.
    /// - Throws: `Problem` 409 `session_ended`, `session_paused` or `session_archived`, 403 `guest_upload_off`.
    func requireUploads(byGuest isGuest: Bool) throws {
        switch status {
        case .archived: throw Problem.sessionArchived
        case .ended: throw Problem.conflict("session_ended", "The session has ended and takes no more files.")
        case .paused where isGuest: throw Problem.conflict("session_paused", "The session is paused and takes no files of guests now.")
        case .active, .paused: break
        }
        if isGuest, !settings.guestUpload { throw Problem.forbidden("Guests send no files into this session.", code: "guest_upload_off") }
    }

    /// Whether people may talk in it.
    var isOpenToTalk: Bool { status == .active || status == .paused }
}

extension Problem {
    fileprivate static func statusTransition(from old: Session.Status, to new: Session.Status) -> Problem {
        Problem(
            409, "status_transition", "A session that is \(old.rawValue) cannot become \(new.rawValue) so.",
            members: ["from": .string(old.rawValue), "to": .string(new.rawValue)])
    }
}
