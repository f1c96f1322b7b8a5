import Core

/// How many lists there may be.
extension SelectionService {
    /// Sees to it that there is room for a list: what belongs to guests who are not in any more makes way for it.
    /// - Throws: `Problem` 409 `too_many_selections`.
    func makeRoom(for selection: Selection, _ tx: any Transaction) throws {
        let tallies = try selections.tallies(of: selection.sessionID, tx)
        let gone = try gone(among: tallies.filter { $0.kind == .personal }.map(\.holder), tx)
        let staying = tallies.filter { !gone.contains($0.holder) }
        try requireRoom(for: selection, beside: staying)
        guard Self.total(tallies) >= limits.lists else { return }
        // What was handed in is somebody's order: it stays, whoever has gone.
        guard let old = try selections.leastMissed(of: Array(gone), in: selection.sessionID, tx) else { throw tooMany }
        try selections.remove(old.id, tx)
        try news.deleted(old, tx)
    }

    private func requireRoom(for selection: Selection, beside tallies: [SelectionStore.Tally]) throws {
        let personal = tallies.filter { $0.kind == .personal }
        let own = Self.total(personal.filter { $0.holder == selection.holder })
        let hasRoom = selection.kind == .shared || Self.total(personal) < limits.personal && own < limits.own
        guard Self.total(tallies) < limits.lists, hasRoom else {
            throw tooMany
        }
    }

    private var tooMany: Problem {
        .conflict(
            "too_many_selections",
            "A session has at most \(limits.lists) lists, \(limits.personal) of them personal, and \(limits.own) of one person.")
    }

    /// The guests among some people who are not in any more.
    private func gone(among people: [Person], _ tx: any Transaction) throws -> Set<Person> {
        let guests = Set(people.compactMap(\.grantID))
        return Set(guests.subtracting(try photos.intake.grants.holding(Array(guests), transaction: tx)).map(Person.guest))
    }

    private static func total(_ tallies: [SelectionStore.Tally]) -> Int { tallies.reduce(0) { $0 + $1.count } }
}
