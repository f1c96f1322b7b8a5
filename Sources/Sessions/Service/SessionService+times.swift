import Core

extension SessionService {
    /// Photos that follow in one transaction: others who write wait that long.
    private static let retimed = 500

    /// Has the photos of a session follow its time zone, as far as they do not yet.
    func retime(_ id: SessionID) async throws {
        while try await database.write({ tx in try retimeSome(of: id, tx) }) {}
    }

    /// The same for all sessions, and however many processes do it beside each other: the place is read, and written, with the photos.
    func retimeAll() async throws {
        var last: SessionID?
        repeat {
            let found = try await database.read { [last] tx in try RetimingStore().open(after: last, limit: 100, tx) }
            for id in found { try await retime(id) }
            last = found.last
        } while last != nil
    }

    /// - Returns: whether there are more.
    private func retimeSome(of id: SessionID, _ tx: any Transaction) throws -> Bool {
        let places = RetimingStore()
        guard let session = try SessionStore().find(id, tx), let place = try places.place(of: id, tx) else { return false }
        let last = try PhotoStore().retime(id, in: session.occasion.zone, after: place, limit: Self.retimed, tx)
        guard let last else {
            try places.remove(id, tx)
            return false
        }
        try places.advance(id, to: last, tx)
        return true
    }
}
