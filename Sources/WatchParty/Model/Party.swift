import Core

/// A party as its row has it.
struct Party: Sendable, Equatable {
    var id: SessionID
    var settings: PartySettings
    /// The truth about the film.
    var room: Room
    /// Rises with every change of the queue.
    var queueRevision: Int64
    var createdAt: Timestamp
    var updatedAt: Timestamp
}

/// Somebody who is or was in a party.
struct PartyMember: Sendable, Equatable {
    var person: Person
    /// What they called themselves when they came last.
    var name: String
    var role: PartyRole
    var joinedAt: Timestamp
    /// When they were heard of last; 0 for who has not been there yet.
    var seenAt: Timestamp
    var isPresent: Bool
    /// Milliseconds there and back, as they have measured; `nil` before they have.
    var roundTrip: Int?

    /// Whether they were there, and are no more.
    var hasGone: Bool { !isPresent && seenAt.milliseconds > 0 }

    /// How long somebody who is not heard of counts as present.
    static let lease: Duration = .seconds(25)
}

/// What holds of queues.
enum QueueRules {
    static let maxEntries = 100
}

/// A film in the queue.
struct QueueEntry: Sendable, Equatable {
    var id: String
    var photoID: PhotoID
    var addedBy: Person
    var adderName: String
    /// Whether an administrator added it, who needs no part in the film's session.
    var isOfAdministrator = false
    var votes: Int
    /// Its place among those that were put where they are; `nil` for those that go by votes.
    var pin: Int?
    var addedAt: Timestamp
}

extension [QueueEntry] {
    /// In the order in which they are shown: those that were put somewhere, then by votes, then by age.
    var inOrder: [QueueEntry] {
        sorted { ($0.pin ?? .max, -$0.votes, $0.addedAt, $0.id) < ($1.pin ?? .max, -$1.votes, $1.addedAt, $1.id) }
    }

    /// Puts one at an index; it and all before it stay where they then are, whatever is voted.
    /// - Parameter index: beyond the end is the end.
    /// - Returns: those whose place is another now; `nil` when there is no such entry.
    func moving(_ id: String, to index: Int) -> [QueueEntry]? {
        var order = inOrder
        guard let place = order.firstIndex(where: { $0.id == id }) else { return nil }
        let entry = order.remove(at: place)
        let target = Swift.min(index, order.count)
        order.insert(entry, at: target)
        return order.enumerated().compactMap { index, entry in
            guard index <= target || entry.pin != nil, entry.pin != index else { return nil }
            var moved = entry
            moved.pin = index
            return moved
        }
    }
}
