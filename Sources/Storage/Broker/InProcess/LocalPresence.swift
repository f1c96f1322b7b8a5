import Core
import NIOConcurrencyHelpers

/// Presence of a single process.
final class LocalPresence: PresenceRegistry {
    private let book = NIOLockedValueBox(PresenceBook())

    func enter(_ topic: Topic, _ member: PresenceMember) { _ = book.withLockedValue { $0.enter(topic, member) } }

    func leave(_ topic: Topic, _ member: PresenceMember) { _ = book.withLockedValue { $0.leave(topic, member) } }

    func attendance(of topic: Topic, limit: Int) async -> Attendance {
        book.withLockedValue { $0.attendance(of: topic, limit: limit) }
    }
}
