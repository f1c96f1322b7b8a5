import Core
import Foundation

/// Entries over time: so many in each hour or day of a time zone.
struct EntryChart: WireType, Equatable {
    /// How long a bar is.
    enum Step: String, Sendable, Codable, CaseIterable {
        case hour, day

        /// What is shown unless something else is asked for, and at most.
        var spans: (usual: Duration, longest: Duration) {
            switch self {
            case .hour: (.seconds(7 * 86_400), .seconds(31 * 86_400))
            case .day: (.seconds(90 * 86_400), .seconds(366 * 86_400))
            }
        }
    }

    /// One hour or day in which somebody came.
    struct Bar: Codable, Sendable, Equatable {
        /// When it begins.
        var from: Timestamp
        var entries: Int
        var byCode: Int
        var byLink: Int
    }

    var per: Step
    var zone: String
    var from: Timestamp
    var until: Timestamp
    var bars: [Bar]

    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object([
        .field("per", .oneOf(Step.allCases.map(\.rawValue))),
        .field("zone", .string(1...64)),
        .field("from", .formatted(.dateTime)),
        .field("until", .formatted(.dateTime)),
        .field(
            "bars",
            .array(
                of: .object([
                    .field("from", .formatted(.dateTime), "When the hour or day begins."), .field("entries", count),
                    .field("byCode", count), .field("byLink", count),
                ])), "In order; hours and days in which nobody came are left out."),
    ])
}

/// What a chart is to show.
struct EntryChartQuery: Sendable, Equatable {
    let per: EntryChart.Step
    let zone: TimeZone
    /// As it was asked for: the system may call it otherwise.
    let zoneName: String
    let from: Timestamp
    let until: Timestamp

    /// - Throws: `Problem` 400 `bad_query`.
    init(_ query: [String: String], now: Timestamp) throws {
        per = try Self.value(query["per"] ?? "hour", "per", EntryChart.Step.init)
        zoneName = query["zone"] ?? "UTC"
        zone = try Self.value(zoneName, "zone") { $0.utf8.count <= 64 ? TimeZone(identifier: $0) : nil }
        until = try query["until"].map { try Self.value($0, "until") { Timestamp($0) } } ?? now
        let end = until
        from = try query["from"].map { try Self.value($0, "from") { Timestamp($0) } } ?? end - per.spans.usual
        guard from < until, until - from <= per.spans.longest else {
            throw Problem.badRequest("bad_query", "from must be before until, by 31 days of hours or 366 days at most.")
        }
    }

    private static func value<Value>(_ text: String, _ name: String, _ read: (String) -> Value?) throws -> Value {
        guard let value = read(text) else { throw Problem.badRequest("bad_query", "\(name) has a value that it cannot have.") }
        return value
    }

    /// The slots that are looked at: whole ones, from the one that `from` lies in.
    var slots: Range<EntrySlot> { EntrySlot(from)..<EntrySlot(number: max(EntrySlot(until).number, EntrySlot(from).number) + 1) }

    /// - Parameter counts: in order.
    func chart(_ counts: [(slot: EntrySlot, count: EntryCount)]) -> EntryChart {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var sums: [Timestamp: EntryCount] = [:]
        for (slot, count) in counts {
            let start = calendar.dateInterval(of: per == .hour ? .hour : .day, for: slot.start.date).map { Timestamp($0.start) }
            sums[start ?? slot.start, default: EntryCount()] += count
        }
        let bars = sums.sorted { $0.key < $1.key }.map {
            EntryChart.Bar(from: $0.key, entries: $0.value.all, byCode: $0.value.byCode, byLink: $0.value.byLink)
        }
        return EntryChart(per: per, zone: zoneName, from: from, until: until, bars: bars)
    }
}
