import Core

/// Who is in which topic on this node, and which topics are not known to be the same elsewhere. A pure value.
struct PresenceBook: Sendable {
    private var topics: [Topic: [String: Int]] = [:]
    /// Topics whose copy elsewhere may differ from ours.
    private(set) var stale: Set<Topic> = []

    /// Every topic somebody is in.
    var present: [Topic] { Array(topics.keys) }

    func count(of topic: Topic) -> Int { topics[topic]?.count ?? 0 }
    func members(of topic: Topic) -> [String] { topics[topic].map { Array($0.keys) } ?? [] }

    /// Counts one more connection of a member; whether it is the first.
    mutating func enter(_ topic: Topic, _ member: String) -> Bool {
        topics[topic, default: [:]][member, default: 0] += 1
        return topics[topic]?[member] == 1
    }

    /// Counts one connection less; whether it was the last.
    mutating func leave(_ topic: Topic, _ member: String) -> Bool {
        guard let connections = topics[topic]?[member] else { return false }
        guard connections == 1 else {
            topics[topic]?[member] = connections - 1
            return false
        }
        topics[topic]?[member] = nil
        if topics[topic]?.isEmpty == true { topics[topic] = nil }
        return true
    }

    mutating func markStale(_ topic: Topic) { stale.insert(topic) }

    mutating func markAllStale() { stale.formUnion(topics.keys) }

    /// Hands out a stale topic to be written anew, with all its members.
    mutating func takeStale() -> (topic: Topic, members: [String])? {
        stale.popFirst().map { ($0, members(of: $0)) }
    }
}
