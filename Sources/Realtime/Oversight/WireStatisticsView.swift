import Core

/// What `GET /api/websocket/stats` answers: of the server that was asked, since it started.
struct WireStatisticsView: WireType {
    struct Connections: WireType {
        var total: Int
        var byWire: [String: Int]

        static let schema = Schema.object([
            .field("total", .count), .field("byWire", .dictionary(of: .count), "`ws`, `socket.io`, `sse`."),
        ])
    }

    struct FollowedTopic: WireType {
        var topic: String
        var followers: Int
        var byWire: [String: Int]

        static let schema = Schema.object([
            .field("topic", .string()), .field("followers", .count, "Connections that follow it."), .field("byWire", .dictionary(of: .count)),
        ])
    }

    struct Topics: WireType {
        var total: Int
        var byKind: [String: Int]
        var most: [FollowedTopic]

        static let schema = Schema.object([
            .field("total", .count, "How many are followed."), .field("byKind", .dictionary(of: .count)),
            .field("most", .array(of: FollowedTopic.schema, count: 0...WireStatistics.mostTopics), "The most followed ones."),
        ])
    }

    struct Queues: WireType {
        var bytes: Int
        var largest: Int
        var dropped: Int

        static let schema = Schema.object([
            .field("bytes", .count, "What waits for slow readers, a second ago at most; each message counts 64 more than it has."),
            .field("largest", .count, "The same of the slowest one."),
            .field("dropped", .count, "Events of which only the latest matters that were replaced or found no room."),
        ])
    }

    /// A second.
    struct Rate: WireType {
        var last10: Double
        var last60: Double

        static let schema = Schema.object([
            .field("last10", .number(0...Double.greatestFiniteMagnitude), "A second, over the last 10."),
            .field("last60", .number(0...Double.greatestFiniteMagnitude), "A second, over the last 60."),
        ])
    }

    struct Events: WireType {
        var published: Int
        var delivered: Int
        var publishedPerSecond: Rate
        var deliveredPerSecond: Rate

        static let schema = Schema.object([
            .field("published", .count, "Events that came to this server, from whichever."),
            .field("delivered", .count, "The same, each as often as it was sent to a connection."),
            .field("publishedPerSecond", Rate.schema), .field("deliveredPerSecond", Rate.schema),
        ])
    }

    var node: String
    var since: Timestamp
    var connections: Connections
    var topics: Topics
    var queues: Queues
    var closed: [String: Int]
    var events: Events

    static let schema = Schema.object([
        .field("node", .string(), "Names the server that answers, for as long as it runs: each answers for itself."),
        .field("since", .formatted(.dateTime), "Since when is counted."),
        .field("connections", Connections.schema), .field("topics", Topics.schema), .field("queues", Queues.schema),
        .field(
            "closed", .dictionary(of: .count),
            "What connections ended by: " + Ending.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") + "."),
        .field("events", Events.schema),
    ])
}

extension Schema {
    fileprivate static let count = Schema.integer(0...Int64.max)
}
