import Core

/// A change of what is written about a photo: what is missing stays as it is, null takes back.
struct PhotoChange: WireType, Equatable {
    var title: String??
    var caption: String??
    var category: String??
    var tags: [String]?
    var rating: Int?
    var isFeatured: Bool?
    var position: Int64?
    var capturedAt: String??

    static let schema = Schema.object([
        .optional("title", .string(0...200)),
        .optional("caption", .string(0...5000)),
        .optional("category", .string(0...64)),
        .optional("tags", .array(of: .string(1...64), count: 0...Curation.maximumTags), "In place of those there are; kept in lower case."),
        .optional("rating", .integer(0...5), "Stars; 0 for none."),
        .optional("isFeatured", .boolean),
        .optional("position", .integer(-1_000_000_000_000_000...1_000_000_000_000_000), "Its place where photos are sorted by `position`."),
        .optional("capturedAt", .formatted(.dateTime), "In place of what the camera says; null goes back to that."),
    ])

    private enum CodingKeys: String, CodingKey {
        case title, caption, category, tags, rating, isFeatured, position, capturedAt
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // A member that is null says something else than one that is missing.
        func text(_ key: CodingKeys) throws -> String?? {
            container.contains(key) ? .some(try container.decodeIfPresent(String.self, forKey: key)) : nil
        }
        (title, caption) = (try text(.title), try text(.caption))
        (category, capturedAt) = (try text(.category), try text(.capturedAt))
        tags = try container.decodeIfPresent([String].self, forKey: .tags)
        rating = try container.decodeIfPresent(Int.self, forKey: .rating)
        isFeatured = try container.decodeIfPresent(Bool.self, forKey: .isFeatured)
        position = try container.decodeIfPresent(Int64.self, forKey: .position)
    }
}
