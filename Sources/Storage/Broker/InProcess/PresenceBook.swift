import Core

/// Who is in which topic on this node, and which topics are not known to be the same elsewhere. A pure value.
struct PresenceBook: Sendable {
    /// Those in one topic, with how many connections each has.
    private struct Room {
        var labelled: [PresenceMember: Int] = [:]
        var others: [PresenceMember: Int] = [:]

        var count: Int { labelled.count + others.count }

        subscript(member: PresenceMember) -> Int? {
            get { member.label == nil ? others[member] : labelled[member] }
            set { if member.label == nil { others[member] = newValue } else { labelled[member] = newValue } }
        }
    }

    private var rooms: [Topic: Room] = [:]
    /// Topics whose copy elsewhere may differ from ours.
    private(set) var stale: Set<Topic> = []

    /// Every topic somebody is in.
    var present: [Topic] { Array(rooms.keys) }

    /// - Parameter limit: of the members with a label at most so many.
    func attendance(of topic: Topic, limit: Int) -> Attendance {
        let room = rooms[topic] ?? Room()
        return Attendance(
            count: room.count, members: Array(room.labelled.keys.prefix(max(limit, 0))), isSample: room.labelled.count > limit)
    }

    /// Counts one more connection of a member; whether it is the first.
    mutating func enter(_ topic: Topic, _ member: PresenceMember) -> Bool {
        let connections = (rooms[topic]?[member] ?? 0) + 1
        rooms[topic, default: Room()][member] = connections
        return connections == 1
    }

    /// Counts one connection less; whether it was the last.
    mutating func leave(_ topic: Topic, _ member: PresenceMember) -> Bool {
        guard let connections = rooms[topic]?[member] else { return false }
        rooms[topic]?[member] = connections == 1 ? nil : connections - 1
        if rooms[topic]?.count == 0 { rooms[topic] = nil }
        return connections == 1
    }

    mutating func markStale(_ topic: Topic) { stale.insert(topic) }

    mutating func markAllStale() { stale.formUnion(rooms.keys) }

    /// Hands out a stale topic to be written anew, with all its members.
    mutating func takeStale() -> (topic: Topic, members: [PresenceMember])? {
        stale.popFirst().map { topic in (topic, rooms[topic].map { Array($0.labelled.keys) + Array($0.others.keys) } ?? []) }
    }
}
