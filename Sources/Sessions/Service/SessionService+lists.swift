import Core

/// Which of their sessions somebody wants to see.
struct SessionWish: Sendable, Equatable {
    var status: Session.Status?
    var type: Occasion.Kind?
    var text: String?
    /// Those in the bin.
    var isDeleted = false

    init() {}

    /// - Throws: `Problem` 400 `bad_query`.
    init(_ query: [String: String]) throws {
        status = try Self.word("status", query)
        type = try Self.word("type", query)
        text = query["text"]
        if let text, !(1...200).contains(text.unicodeScalars.count) || text.contains("\0") {
            throw Problem.badRequest("bad_query", "text must have 1 to 200 characters.")
        }
        guard let isDeleted = Bool(query["deleted"] ?? "false") else {
            throw Problem.badRequest("bad_query", "deleted must be true or false.")
        }
        self.isDeleted = isDeleted
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ query: [String: String]
    ) throws -> Word? where Word.RawValue == String {
        guard let text = query[name] else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.badRequest("bad_query", "\(name) must be one of \(words).")
        }
        return word
    }
}

extension SessionService {
    /// The sessions an account takes part in, newest first; all of them for an admin. From the bin, those it owned.
    func list(
        _ wish: SessionWish = SessionWish(), for principal: Principal, after cursor: Cursor?, limit: Int
    ) async throws -> Page<SessionView> {
        guard let user = principal.userID else { throw Problem.unauthorized() }
        let now = clock.now()
        return try await database.read { tx in
            var filter = SessionFilter(among: try among(wish, user, principal.role, at: now, tx))
            (filter.status, filter.type, filter.text) = (wish.status, wish.type, wish.text)
            filter.isWithoutParties = wish.type == nil
            let found = try SessionStore().list(filter, after: cursor, limit: limit + 1, tx)
            return Page(try views(found, for: principal, tx), limit: limit) {
                Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
            }
        }
    }

    private func among(
        _ wish: SessionWish, _ user: UserID, _ role: Role?, at now: Timestamp, _ tx: any Transaction
    ) throws -> SessionFilter.Among {
        if wish.isDeleted { return .deleted(owner: role == .admin ? nil : user, since: now - SessionPurger.grace) }
        return role == .admin ? .all : .some(try grants.sessions(of: user, transaction: tx))
    }

    private func views(_ found: [Session], for principal: Principal, _ tx: any Transaction) throws -> [SessionView] {
        let ids = found.map(\.id)
        let counts = try PhotoStore().counts(ids, onlyShown: false, tx)
        let covers = try SessionStore().covers(ids, onlyShown: false, tx)
        return try found.map { session in
            // Of a deleted one nobody holds anything any more.
            let rights = session.deletedAt == nil ? try rights(of: principal, in: session, tx) : []
            return SessionView(session, photoCount: counts[session.id] ?? 0, cover: covers[session.id], rights: rights)
        }
    }
}
