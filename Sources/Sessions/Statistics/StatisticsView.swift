import Core

/// What has become of a session, for its staff.
struct StatisticsView: WireType, Equatable {
    var photos: [String: Int]
    var bytes: Int64
    var views: Int
    var downloads: Int
    var guests: Int
    var entries: Int
    var links: [Link]
    var mostViewed: [PhotoCount]

    /// Of those who came by one link.
    struct Link: Codable, Sendable, Equatable {
        var id: LinkID
        var name: String
        var views: Int
        var downloads: Int
    }

    /// Of one photo.
    struct PhotoCount: Codable, Sendable, Equatable {
        var photoId: PhotoID
        var views: Int
        var downloads: Int
    }

    static let mostLinks = 200
    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object([
        .field("photos", .dictionary(of: count), "How many there are in each status that some have."),
        .field("bytes", count, "Of all originals."),
        .field("views", count, "How often guests fetched a picture to look at (`medium` or larger) or began a film; browsers fetch it once."),
        .field("downloads", count, "How often guests began to save a file or an archive."),
        .field("guests", count, "Guests who are in: entries by code and links that have neither ended nor been taken back."),
        .field(
            "entries", count,
            "Those that have ended or been taken back, too, for a month after their time. Who enters again, or on another device, is another one."),
        .field(
            "links",
            .array(of: .object([
                .field("id", .formatted(.uuid)), .field("name", .string()), .field("views", count), .field("downloads", count),
            ]))),
        .field(
            "mostViewed",
            .array(of: .object([.field("photoId", .formatted(.uuid)), .field("views", count), .field("downloads", count)])),
            "The first twenty."),
    ])
}
