import Core
import NIOConcurrencyHelpers
import NIOCore

/// Presence over all nodes. What this node knows of itself is the truth; Redis has a copy that is brought up to date by
/// each change, and anew after anything went wrong.
final class RedisPresence: PresenceRegistry {
    /// Members in one command, and topics in one beat's.
    private static let chunk = 500
    /// Up to how many members of a topic are compared with each other.
    static let compared = 1000

    private let link: RedisLink
    private let prefix: String
    private let node: String
    private let expiry: Duration
    private let book = NIOLockedValueBox(PresenceBook())
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter prefix: what its keys begin with.
    init(_ link: RedisLink, prefix: String, node: String, expiry: Duration) {
        self.link = link
        self.prefix = prefix
        self.node = node
        self.expiry = expiry
    }

    // Commands are sent under the lock, so that they leave in the order of the changes.

    func enter(_ topic: Topic, _ member: PresenceMember) {
        book.withLockedValue { book in
            guard book.enter(topic, member) else { return }
            settle(topic, PresenceScripts.add.send(link, keys: keys(topic), [lifetime, node, "0", member.text]), &book)
        }
    }

    func leave(_ topic: Topic, _ member: PresenceMember) {
        book.withLockedValue { book in
            guard book.leave(topic, member) else { return }
            settle(topic, PresenceScripts.remove.send(link, keys: [keys(topic)[0]], [member.text]), &book)
        }
    }

    func attendance(of topic: Topic, limit: Int) async -> Attendance {
        let limit = min(max(limit, 0), Self.compared)
        if let found = try? await read(topic, limit: limit) { return found }
        return book.withLockedValue { $0.attendance(of: topic, limit: limit) }
    }

    /// A new connection stands, perhaps to a server that knows nothing.
    func reconnected() {
        book.withLockedValue { $0.markAllStale() }
        wakes.continuation.yield()
    }

    /// Keeps Redis' copy alive and right until the task is cancelled.
    func run(every beat: Duration) async {
        await withDiscardingTaskGroup { group in
            group.addTask { while (try? await Task.sleep(for: beat)) != nil { self.wakes.continuation.yield() } }
            for await _ in wakes.stream where link.connection != nil {
                await renew()
                await rewrite()
            }
            group.cancelAll()
        }
    }

    // MARK: Keeping up

    private func renew() async {
        let topics = book.withLockedValue { $0.present }
        for start in stride(from: 0, to: topics.count, by: Self.chunk) {
            let part = topics[start..<min(start + Self.chunk, topics.count)]
            let reply = try? await PresenceScripts.beat.run(link, keys: part.flatMap(keys), [lifetime, node])
            let lost = reply?.array?.compactMap(\.integer).compactMap { index in
                part.indices.contains(start + Int(index) - 1) ? part[start + Int(index) - 1] : nil
            }
            book.withLockedValue { book in for topic in lost ?? Array(part) { book.markStale(topic) } }
        }
    }

    /// Each stale topic once; what fails is stale again and waits for the next beat.
    private func rewrite() async {
        for _ in 0..<book.withLockedValue({ $0.stale.count }) {
            let replies = book.withLockedValue { book in book.takeStale().map { write($0.topic, $0.members.map(\.text), &book) } }
            for reply in replies ?? [] { _ = try? await reply.get() }
        }
    }

    private func write(
        _ topic: Topic, _ members: [String], _ book: inout PresenceBook
    ) -> [EventLoopFuture<RedisReply>] {
        var replies: [EventLoopFuture<RedisReply>] = []
        for start in stride(from: 0, to: max(members.count, 1), by: Self.chunk) {
            let part = members[start..<min(start + Self.chunk, members.count)]
            let begin = start == 0 ? "1" : "0"
            let reply = PresenceScripts.add.send(link, keys: keys(topic), [lifetime, node, begin] + part)
            settle(topic, reply, &book)
            if let reply { replies.append(reply) }
        }
        return replies
    }

    private func settle(_ topic: Topic, _ reply: EventLoopFuture<RedisReply>?, _ book: inout PresenceBook) {
        guard let reply else { return book.markStale(topic) }
        // Later in any case: a reply that has failed already would call back at once, under the lock.
        reply.eventLoop.execute { [self] in
            reply.whenFailure { _ in self.book.withLockedValue { $0.markStale(topic) } }
        }
    }

    private func read(_ topic: Topic, limit: Int) async throws -> Attendance {
        let reply = try await PresenceScripts.read.run(link, keys: [keys(topic)[1]], [String(limit), String(Self.compared)])
        guard let parts = reply.array, parts.count >= 2, let count = parts[0].integer, let isSample = parts[1].integer else {
            throw RedisError.unexpectedReply
        }
        let members = parts.dropFirst(2).compactMap(\.text).map { PresenceMember(text: $0) }
        return Attendance(count: Int(count), members: members, isSample: isSample == 1)
    }

    private var lifetime: String { String(expiry.milliseconds) }

    /// The node's members, and the topic's nodes.
    private func keys(_ topic: Topic) -> [String] {
        let nodes = prefix + topic.name
        return ["\(nodes):\(node)", nodes]
    }
}

extension PresenceMember {
    /// As Redis keeps it: the id, and a space before the label.
    fileprivate var text: String { label.map { "\(id) \($0)" } ?? id }

    fileprivate init(text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(id: String(parts[0]), label: parts.count == 2 ? String(parts[1]) : nil)
    }
}
