import Core
import Foundation

/// Some photos of a session that belong together: taken on one day or in one hour, with one tag or of one category.
struct PhotoSection: WireType, Equatable {
    var key: String
    var count: Int
    var from: Timestamp
    var until: Timestamp

    /// What sections are made by.
    enum Order: String, CaseIterable { case day, hour, tag, category }

    static let schema = Schema.object([
        .field("key", .string(), "The day (`2026-06-01`), the hour (`2026-06-01T14`), the tag or the category."),
        .field("count", .integer(0...Int64.max), "Photos and videos in it that the caller can see."),
        .field("from", .formatted(.dateTime), "When its first photo was taken."),
        .field("until", .formatted(.dateTime), "When its last photo was taken: not yet the end that a list's `until` wants."),
    ])

    /// The hours that were counted, as hours or days of a time zone.
    static func ofTime(_ hours: [Counted], by order: Order, in zone: TimeZone) -> [PhotoSection] {
        var sections: [PhotoSection] = []
        for hour in hours {
            let key = Self.key(of: hour.from, by: order, in: zone)
            if let last = sections.indices.last, sections[last].key == key {
                sections[last].count += hour.count
                sections[last].until = max(sections[last].until, hour.until)
            } else {
                sections.append(PhotoSection(key: key, count: hour.count, from: hour.from, until: hour.until))
            }
        }
        return sections
    }

    private static func key(of time: Timestamp, by order: Order, in zone: TimeZone) -> String {
        var style = Date.ISO8601FormatStyle(timeZone: zone).year().month().day()
        if order == .hour { style = style.time(includingFractionalSeconds: false) }
        return String(time.date.formatted(style).prefix(order == .hour ? 13 : 10))
    }

    /// Photos that were counted together.
    struct Counted: Equatable {
        var key: String
        var count: Int
        var from: Timestamp
        var until: Timestamp
    }
}

extension PhotoSection {
    /// What was counted is a section of its own.
    init(_ counted: Counted) {
        self.init(key: counted.key, count: counted.count, from: counted.from, until: counted.until)
    }
}

/// All sections of a session.
struct PhotoSections: WireType {
    var by: String
    var sections: [PhotoSection]

    static let schema = Schema.object([
        .field("by", .oneOf(PhotoSection.Order.allCases.map(\.rawValue))),
        .field("sections", .array(of: PhotoSection.schema), "By time, earliest first; by name otherwise. The first thousand."),
    ])
}
