import Core
import NIOConcurrencyHelpers

/// Presence of a single process.
final class LocalPresence: PresenceRegistry {
    private let book = NIOLockedValueBox(PresenceBook())

    func enter(_ topic: Topic, _ member: String) { _ = book.withLockedValue { $0.enter(topic, member) } }

    func leave(_ topic: Topic, _ member: String) { _ = book.withLockedValue { $0.leave(topic, member) } }

    func count(of topic: Topic) async -> Int { book.withLockedValue { $0.count(of: topic) } }

    func members(of topic: Topic, limit: Int) async -> [String] {
        book.withLockedValue { Array($0.members(of: topic).prefix(max(limit, 0))) }
    }
}
