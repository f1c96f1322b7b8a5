import Core
import NIOConcurrencyHelpers

/// How many connections of this process follow which topics, by wire. May be used from anywhere.
///
/// Kept in parts of their own locks, so that whoever looks through all of them holds up nobody who begins or ends to follow.
final class TopicLedger: Sendable {
    private struct Part: Sendable {
        var followers: [Topic: WireCounts] = [:]
        /// Topics of each kind.
        var kinds: [Topic.Kind: Int] = [:]
    }

    /// A topic with its followers.
    struct Entry: Sendable, Equatable {
        var topic: Topic
        var followers: WireCounts
    }

    private let parts = (0..<64).map { _ in NIOLockedValueBox(Part()) }

    func followed(_ topic: Topic, over wire: WireKind) {
        part(of: topic).withLockedValue { part in
            if part.followers[topic] == nil { part.kinds[topic.kind, default: 0] += 1 }
            part.followers[topic, default: WireCounts()][wire] += 1
        }
    }

    func left(_ topic: Topic, over wire: WireKind) {
        part(of: topic).withLockedValue { part in
            part.followers[topic]?[wire] -= 1
            guard part.followers[topic]?.total == 0 else { return }
            part.followers[topic] = nil
            part.kinds[topic.kind, default: 0] -= 1
        }
    }

    /// How many topics of each kind are followed.
    var kinds: [Topic.Kind: Int] {
        parts.reduce(into: [:]) { all, part in all.merge(part.withLockedValue { $0.kinds }, uniquingKeysWith: +) }
    }

    /// The topics with the most followers, the most followed first.
    /// - Parameter limit: at most so many.
    func most(_ limit: Int) -> [Entry] {
        parts.reduce(into: []) { most, part in
            let least = most.count < limit ? 0 : most.last?.followers.total ?? 0
            let candidates = part.withLockedValue { part in
                Self.first(limit, of: part.followers.lazy.filter { $0.value.total > least }.map { Entry(topic: $0.key, followers: $0.value) })
            }
            if !candidates.isEmpty { most = Self.first(limit, of: most + candidates) }
        }
    }

    private static func first(_ limit: Int, of entries: some Sequence<Entry>) -> [Entry] {
        Array(entries.sorted { ($0.followers.total, $1.topic.name) > ($1.followers.total, $0.topic.name) }.prefix(limit))
    }

    private func part(of topic: Topic) -> NIOLockedValueBox<Part> { parts[topic.hashValue & (parts.count - 1)] }
}

/// Connections by wire.
struct WireCounts: Sendable, Equatable {
    private var counts = SIMD4<Int32>()

    subscript(_ wire: WireKind) -> Int {
        get { Int(counts[wire.index]) }
        set { counts[wire.index] = Int32(newValue) }
    }

    var total: Int { Int(counts.wrappedSum()) }

    /// By the names of the wires.
    var named: [String: Int] { Dictionary(uniqueKeysWithValues: WireKind.allCases.map { ($0.rawValue, self[$0]) }) }
}

extension WireKind {
    fileprivate var index: Int {
        switch self {
        case .webSocket: 0
        case .socketIO: 1
        case .serverSentEvents: 2
        }
    }
}
