import Core

/// What moderators decide.
extension ChatService {
    /// Changes the rules of a chat.
    /// - Throws: `Problem` 404, 422.
    func update(_ session: SessionID, _ change: ChatChange, by speaker: Speaker) async throws -> ChatView {
        try await write(session) { old, now, tx in
            var chat = old
            try change.apply(to: &chat.settings)
            if chat.settings != old.settings { try chats.set(chat.settings, of: chat.id, at: now, tx) }
            if chat.settings.isOn != old.settings.isOn || chat.settings.slowModeSeconds != old.settings.slowModeSeconds {
                try news.updated(chat, tx)
            }
            return try view(chat, for: speaker, at: now, tx)
        }
    }

    /// Those who may not speak, the latest first.
    /// - Throws: `Problem` 404.
    func mutes(of session: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<MuteView> {
        let now = clock.now()
        let found = try await database.read { tx in
            _ = try requireActivity(of: session, tx)
            return try mutes.list(in: ChatID(session), at: now, after: cursor, limit: limit + 1, tx)
        }
        return Page(found.map(MuteView.init), limit: limit) {
            Cursor(key: $0.createdAt.milliseconds, id: "\($0.person.kind):\($0.person.id)")
        }
    }

    /// Lets somebody read only. Moderators speak nevertheless.
    /// - Throws: `Problem` 404 for whom the session does not know, 409 `too_many_mutes`, 422 for a time that is over, or without anybody.
    func mute(_ person: Person?, in session: SessionID, until: Timestamp?) async throws -> MuteView {
        try await write(session) { chat, now, tx in
            guard let person else { throw Problem.invalid("/person", "Name somebody by user: or guest: and an id.") }
            if let until, until <= now { throw Problem.invalid("/until", "until must be in the future.") }
            guard let name = try knownName(of: person, in: session, tx) else { throw Problem.notFound("person") }
            try mutes.removeEnded(in: chat.id, at: now, tx)
            guard try mutes.find(person, in: chat.id, tx) != nil || mutes.count(in: chat.id, tx) < rules.mutes else {
                throw Problem.conflict("too_many_mutes", "At most \(rules.mutes) people can be muted at the same time.")
            }
            let mute = Mute(person: person, name: name, until: until, createdAt: now)
            try mutes.put(mute, in: chat.id, tx)
            return MuteView(mute)
        }
    }

    /// Lets somebody speak again; who is not muted may already.
    /// - Throws: `Problem` 404.
    func unmute(_ person: Person?, in session: SessionID) async throws {
        try await write(session) { chat, _, tx in
            if let person { try mutes.remove(person, from: chat.id, tx) }
        }
    }

    /// The name of an account, or of a guest that the session has or had.
    private func knownName(of person: Person, in session: SessionID, _ tx: any Transaction) throws -> String? {
        switch person {
        case .user(let id): try names.name(of: id, transaction: tx)
        case .guest(let id): try grants.grant(id, transaction: tx).flatMap { $0.sessionID == session ? $0.name : nil }
        }
    }
}
