import Core

/// What somebody thinks of a photo.
enum PhotoMark: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// For themselves.
    case favourite
    /// For everybody to see how many there are.
    case like
}

/// A photo's marks as the one who marks it sees them.
struct PhotoMarksView: WireType, Equatable {
    var photoId: PhotoID
    var likes: Int
    var isLiked: Bool
    var isFavourite: Bool

    static let schema = Schema.object([
        .field("photoId", .formatted(.uuid)),
        .field("likes", .integer(0...Int64.max), "How many people like it."),
        .field("isLiked", .boolean, "Whether the caller does."),
        .field("isFavourite", .boolean, "Whether it is a favourite of the caller's."),
    ])
}

/// What everybody is told of a photo that is liked, or not any more.
struct PhotoLiked: WireType, Equatable {
    var photoId: PhotoID
    var sessionId: SessionID
    var likes: Int

    static let schema = Schema.object([
        .field("photoId", .formatted(.uuid)), .field("sessionId", .formatted(.uuid)),
        .field("likes", .integer(0...Int64.max), "How many people like it."),
    ])
}

extension SessionEvents {
    /// The count of those who like a photo has changed.
    static let photoLiked = EventType(
        "photo_liked", durability: .ephemeral, payload: PhotoLiked.schema,
        about: "Somebody likes a photo, or does so no more: of each photo, the latest count.")
}
