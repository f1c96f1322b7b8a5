import Core

/// What has become of a session, for its staff.
struct StatisticsView: WireType, Equatable {
    var photos: [String: Int]
    var reviews: [String: Int]
    var binned: Int
    var bytes: Int64
    var views: Int
    var downloads: Int
    var likes: Int
    var favourites: Int
    var guests: Int
    var entries: Int
    var entriesByCode = 0
    var entriesByLink = 0
    var latency = Latency(LatencyHistogram())
    var links: [Link] = []
    var mostViewed: [PhotoCount] = []
    var mostLiked: [MarkCount] = []
    var mostFavoured: [MarkCount] = []

    init(_ sums: PhotoSums, views: Int, downloads: Int, guests: GuestCount) {
        (photos, reviews, binned, bytes) = (sums.byStatus, sums.byReview, sums.binned, sums.bytes)
        (likes, favourites) = (sums.likes, sums.favourites)
        (self.views, self.downloads) = (views, downloads)
        (self.guests, entries) = (guests.valid, guests.entries)
    }

    mutating func enter(_ count: EntryCount) { (entriesByCode, entriesByLink) = (count.byCode, count.byLink) }

    /// From the last byte of a photo until it could be seen, in milliseconds.
    struct Latency: Codable, Sendable, Equatable {
        var photos: Int
        var p50: Int64?
        var p95: Int64?
        var p99: Int64?

        init(_ histogram: LatencyHistogram) {
            photos = histogram.count
            (p50, p95, p99) = (histogram.percentile(50), histogram.percentile(95), histogram.percentile(99))
        }
    }

    /// Of one photo.
    struct MarkCount: Codable, Sendable, Equatable {
        var photoId: PhotoID
        var count: Int
    }

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
        .field("photos", .dictionary(of: count), "How many there are in each status that some have, without the bin."),
        .field("reviews", .dictionary(of: count), "How many there are in each state of review that some have, without the bin."),
        .field("binned", count, "How many there are in the bin."),
        .field("bytes", count, "Of all originals, those in the bin as well."),
        .field("views", count, "How often guests fetched a picture to look at (`medium` or larger) or began a film; browsers fetch it once."),
        .field("downloads", count, "How often guests began to save a file or an archive."),
        .field("likes", count, "Of all photos together."),
        .field("favourites", count, "Of all photos together."),
        .field("guests", count, "Guests who are in: entries by code and links that have neither ended nor been taken back."),
        .field(
            "entries", count,
            "Those that have ended or been taken back, too, for a month after their time. Who enters again, or on another device, is another one."),
        .field("entriesByCode", count, "All that there ever were, counted every few seconds."),
        .field("entriesByLink", count, "All that there ever were, counted every few seconds."),
        .field(
            "latency",
            .object([
                .field("photos", count, "That could be seen so far."), .optional("p50", count, "In milliseconds, as are all."),
                .optional("p95", count), .optional("p99", count),
            ]), "From the last byte of a photo until its thumbnail could be seen: what so many of a hundred did not exceed, within 9 %."),
        .field(
            "links",
            .array(of: .object([
                .field("id", .formatted(.uuid)), .field("name", .string()), .field("views", count), .field("downloads", count),
            ]))),
        .field(
            "mostViewed",
            .array(of: .object([.field("photoId", .formatted(.uuid)), .field("views", count), .field("downloads", count)])),
            "The first twenty."),
        .field("mostLiked", .array(of: markCount), "The first twenty that guests are shown."),
        .field("mostFavoured", .array(of: markCount), "The first twenty that guests are shown."),
    ])

    private static let markCount = Schema.object([.field("photoId", .formatted(.uuid)), .field("count", count)])
}

/// What has become of all sessions that an account owns.
struct AccountStatisticsView: WireType, Equatable {
    var sessions: Int
    var photos: [String: Int]
    var reviews: [String: Int]
    var binned: Int
    var bytes: Int64
    var views: Int
    var downloads: Int
    var likes: Int
    var favourites: Int
    var entriesByCode: Int
    var entriesByLink: Int

    init(sessions: Int, _ sums: PhotoSums, views: Int, downloads: Int, entries: EntryCount) {
        self.sessions = sessions
        (photos, reviews, binned, bytes) = (sums.byStatus, sums.byReview, sums.binned, sums.bytes)
        (likes, favourites) = (sums.likes, sums.favourites)
        (self.views, self.downloads) = (views, downloads)
        (entriesByCode, entriesByLink) = (entries.byCode, entries.byLink)
    }

    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object([
        .field("sessions", count, "Those that are not in the bin, as for all below."),
        .field("photos", .dictionary(of: count), "How many there are in each status that some have, without the bin."),
        .field("reviews", .dictionary(of: count), "How many there are in each state of review that some have, without the bin."),
        .field("binned", count), .field("bytes", count, "Of all originals."), .field("views", count), .field("downloads", count),
        .field("likes", count), .field("favourites", count), .field("entriesByCode", count), .field("entriesByLink", count),
    ])
}
